"""The regions that AWS has, as far as botocore's own list knows, without asking anybody."""

from collections.abc import Iterable

import botocore.session


def unknown_regions(names: Iterable[str]) -> tuple[str, ...]:
    """Return those names that are no EC2 region of any partition."""
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    known = {region for partition in partitions for region in session.get_available_regions("ec2", partition)}
    return tuple(sorted(set(names) - known))
