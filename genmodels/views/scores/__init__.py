"""Views of the scores: a table between floor and ceiling, pictures of what is missing and of what is near, curves, and CSV."""
