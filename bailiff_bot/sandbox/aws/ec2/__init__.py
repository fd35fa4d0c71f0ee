"""EC2 of the sandbox: what moto does not refuse, delay or describe as EC2 does."""
