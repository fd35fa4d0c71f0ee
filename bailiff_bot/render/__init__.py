"""A report in words, rows and files: what the terminal and Slack both show, whatever either makes of it."""
