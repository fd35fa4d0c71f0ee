"""Socket Mode: the app's WebSockets, the envelopes, and their acknowledgements."""
