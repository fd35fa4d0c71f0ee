"""Bailiff finds EC2 instances that break the team's rules, and notifies their owners in Slack."""
