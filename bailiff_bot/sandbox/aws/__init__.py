"""A local EC2 and STS: moto's server with a seeded fleet, and a middleware for what moto cannot do."""
