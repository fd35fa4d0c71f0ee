"""The ways to read the fleet, each to be run as a process: `python -m benchmarks.variants bailiff`.

They find the endpoint where boto3 would, in `AWS_ENDPOINT_URL`.
"""

import sys
from collections.abc import Callable

from benchmarks.fleet import NOW

_PATIENCE = 900
"""Seconds that the slow ways may take over a target."""


def bailiff() -> int:
    """Scan as the bot does, and judge by all rules; a scan that gave anything up is no measurement."""
    from bailiff_bot.aws.access import Limits
    from bailiff_bot.aws.scanner import AwsScanner
    from bailiff_bot.domain.identity import NO_DIRECTORY
    from bailiff_bot.domain.policy import Policy
    from bailiff_bot.domain.report import judge

    inventory = AwsScanner(
        limits=Limits(target_deadline=_PATIENCE, scan_deadline=_PATIENCE, read_timeout=_PATIENCE)
    ).scan(NOW)
    if inventory.unread:
        raise SystemExit(f"not read: {'; '.join(map(str, inventory.unread))}")
    return judge(inventory, NO_DIRECTORY, Policy(), NOW).count


def botocore() -> int:
    """Do the same with botocore's own parser."""
    from benchmarks import botocore_parser

    botocore_parser.use()
    return bailiff()


def lower_bound() -> int:
    """Fetch the same bytes, wide over the regions, and parse them with lxml in one thread; nothing else."""
    from benchmarks.lower_bound import fetch_and_parse

    return fetch_and_parse()


VARIANTS: dict[str, Callable[[], int]] = {way.__name__: way for way in (bailiff, botocore, lower_bound)}

if __name__ == "__main__":
    print(VARIANTS[sys.argv[1]]())
