"""Slack's Web API: the table of methods, what each needs to be called, and what it does."""
