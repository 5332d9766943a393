"""Networks that measure: features of pictures, a judge of realism, a reader of attributes."""
