"""Shared by metrics and studies: distances, edits and damage of pictures, reconstruction."""
