"""Reads AWS with botocore: the accounts, their regions, and every instance in them."""
