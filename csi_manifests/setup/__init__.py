"""What the user chooses, and how it is read and described."""
