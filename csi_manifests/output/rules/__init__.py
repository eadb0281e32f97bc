"""The rules as a list and as a page."""
