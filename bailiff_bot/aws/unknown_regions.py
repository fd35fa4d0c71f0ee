"""The regions that AWS has, as far as botocore's own list knows, without asking anybody."""

from collections.abc import Iterable

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver


def unknown_regions(names: Iterable[str]) -> tuple[str, ...]:
    """Return those names that are no EC2 region of any partition.

    No session is made for it: that would read AWS's configuration, which may be broken, before anybody can be told.
    """
    wanted = set(names)
    if not wanted:
        return ()
    resolver = EndpointResolver(create_loader().load_data("endpoints"))
    partitions = resolver.get_available_partitions()
    known = {region for partition in partitions for region in resolver.get_available_endpoints("ec2", partition)}
    return tuple(sorted(wanted - known))
