"""What applying or deleting a bundle would do."""
