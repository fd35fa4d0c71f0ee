"""What is wrong with a policy document."""


class PolicyError(ValueError):
    """A policy document that IAM would refuse, or that the sandbox's IAM does not understand."""
