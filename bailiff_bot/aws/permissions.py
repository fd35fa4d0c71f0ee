"""What each feature that reads must be allowed in AWS. A test compares `deploy/` and docs/permissions.md with it."""

from collections.abc import Mapping
from dataclasses import dataclass

DESCRIBE_VOLUMES = "ec2:DescribeVolumes"
GET_PRODUCTS = "pricing:GetProducts"
GET_METRIC_DATA = "cloudwatch:GetMetricData"


@dataclass(frozen=True, slots=True)
class Reads:
    """What one feature reads. None of it takes a resource: each is allowed on `*`."""

    in_each_account: frozenset[str]
    """By the bot's own role in its account, and by the reading role of each other account."""
    with_own_role: frozenset[str] = frozenset()
    """By the bot's own role alone: it is the same for all accounts."""


READS: Mapping[str, Reads] = {
    "scans": Reads(frozenset({"ec2:DescribeInstances", "ec2:DescribeRegions"})),
    "usage": Reads(frozenset({GET_METRIC_DATA})),
    "prices": Reads(frozenset({DESCRIBE_VOLUMES}), frozenset({GET_PRODUCTS})),
}
"""By feature, as docs/permissions.md names it."""
