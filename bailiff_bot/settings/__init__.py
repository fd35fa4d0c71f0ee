"""The settings: their model, and how they are read from the environment and a file `.env`."""
