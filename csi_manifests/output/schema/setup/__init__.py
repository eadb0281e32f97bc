"""What a setup file may say."""
