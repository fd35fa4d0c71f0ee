"""The bot's process: start and stop, schedule, periodic work and logging."""
