"""The images of a bundle."""
