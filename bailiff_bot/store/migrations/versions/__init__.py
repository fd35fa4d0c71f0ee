"""The migrations: each is the tables as they were then, and imports nothing of ours."""
