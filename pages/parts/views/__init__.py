"""The controls of each page, one file a page, and the recordings that it reads with them."""
