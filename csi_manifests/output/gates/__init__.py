"""The feature gates of a host, as the files and flags that set them."""
