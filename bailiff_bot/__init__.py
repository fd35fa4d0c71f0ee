"""Bailiff, the bailiff of an AWS tenant: whose every EC2 instance is, and what it owes."""
