"""AWS, read over botocore: which accounts and regions there are, and every instance in them."""
