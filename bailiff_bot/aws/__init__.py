"""AWS, read over boto3: which accounts and regions there are, and every instance in them."""
