"""Rules that look at a bundle, and the findings they give."""
