"""Messages as Slack blocks, within Slack's limits."""
