"""What a bundle means: facts that rules, cluster commands and reports read, each found once."""
