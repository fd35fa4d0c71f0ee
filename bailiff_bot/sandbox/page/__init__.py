"""A browser page on which people use the bot as they do in Slack."""
