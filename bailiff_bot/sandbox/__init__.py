"""A Slack workspace, an EC2 fleet and an Askbob on this machine, to try and to test the bot against."""
