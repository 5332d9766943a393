"""Views of the realism gallery: the plane of error against realism, its sentences, and the curves of a sweep."""
