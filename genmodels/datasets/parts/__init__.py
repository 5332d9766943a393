"""What datasets share: downloads, reading of files, exact samplers."""
