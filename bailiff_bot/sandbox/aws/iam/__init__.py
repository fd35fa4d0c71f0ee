"""IAM of the sandbox: policy documents, their evaluation, and the roles of both accounts."""
