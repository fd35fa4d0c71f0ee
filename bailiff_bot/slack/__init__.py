"""Slack: message blocks, the client of its API, and the handlers of commands and clicks."""
