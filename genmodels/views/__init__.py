"""Pure functions from data to pictures."""
