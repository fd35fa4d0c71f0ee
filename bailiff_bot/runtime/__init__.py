"""The bot as a process: its parts, its periodic work and its log."""
