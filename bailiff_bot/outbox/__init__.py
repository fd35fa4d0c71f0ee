"""Sends batches of messages, each message once, also after a crash. Slack and the database are behind interfaces."""
