"""Finds names that are no AWS region, with botocore's list of regions and without a network call."""

from collections.abc import Iterable

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver


def unknown_regions(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are not an EC2 region of any partition, sorted.

    The function makes no session: a session reads the AWS configuration, and a broken one would fail here, too early
    for a proper error message.
    """
    wanted = set(names)
    if not wanted:
        return ()
    resolver = EndpointResolver(create_loader().load_data("endpoints"))
    partitions = resolver.get_available_partitions()
    known = {region for partition in partitions for region in resolver.get_available_endpoints("ec2", partition)}
    return tuple(sorted(wanted - known))
