"""What metrics and studies share: distances, edits of pictures, ways to rebuild one."""
