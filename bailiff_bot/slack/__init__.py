"""Slack: the report as messages, the people behind addresses, commands and clicks over Socket Mode."""
