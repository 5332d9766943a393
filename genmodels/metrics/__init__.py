"""Pure functions from examples to a number."""
