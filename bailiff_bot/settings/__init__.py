"""The settings: their model, and how the environment and a file `.env` are read."""
