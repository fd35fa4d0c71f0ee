"""Slack's Web API: the table of methods, their requirements, and their implementation."""
