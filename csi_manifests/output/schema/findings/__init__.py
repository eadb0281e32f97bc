"""What ``check --format json`` writes."""
