"""What users do in the workspace, and the payloads that the app receives for it."""
