"""Ways to write a bundle."""
