"""EC2 and STS on this machine: moto's server with a seeded fleet, and a gate in front for what moto cannot do."""
