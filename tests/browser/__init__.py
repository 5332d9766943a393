"""Tests are found by folder and name, so that two folders may hold equal names."""
