"""On which releases a bundle works."""
