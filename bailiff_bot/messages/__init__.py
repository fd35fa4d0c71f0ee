"""What is said: the wording of every message."""
