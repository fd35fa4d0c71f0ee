"""Checks the names of regions against botocore's list, without a network call."""

from collections.abc import Iterable

from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from bailiff_bot.errors import SettingsError


def check_regions(variable: str, names: Iterable[str]) -> None:
    """Raise SettingsError if a setting names a region that AWS does not have.

    A typo would report every instance in the region that was meant.
    """
    if unknown := unknown_regions(names):
        raise SettingsError(f"{variable} names {', '.join(unknown)}, which AWS does not have.")


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
