"""The client of Slack: Web API, Socket Mode, message transport, users and channels."""
