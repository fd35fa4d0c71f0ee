"""Messages as Block Kit, within Slack's limits."""
