"""A local Slack workspace, EC2 fleet and Askbob, to try the bot with and to test it."""
