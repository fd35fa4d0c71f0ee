"""Slack's Web API and Socket Mode, its users and channels, and the transport of the outbox."""
