"""Socket Mode: the app's WebSockets, the envelopes sent over them, and their acknowledgement."""
