"""What people send from Slack: commands, clicks and the Home tab."""
