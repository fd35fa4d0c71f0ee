"""The variants of reading the fleet. Each runs as a process: `python -m benchmarks.variants bailiff`.

The endpoint is in `AWS_ENDPOINT_URL`, as for boto3.
"""

import sys
from collections.abc import Callable

from benchmarks.fleet import NOW

_TIME_LIMIT = 900
"""Seconds that the slow variants may take for a target."""


def bailiff() -> int:
    """Scan as the bot does, and check all rules. A scan with an unread target fails: it is no measurement."""
    from bailiff_bot.aws.access import Limits
    from bailiff_bot.aws.scanner import AwsScanner
    from bailiff_bot.domain.identity import NO_DIRECTORY
    from bailiff_bot.domain.policy import Policy
    from bailiff_bot.domain.report import judge
    from bailiff_bot.domain.snapshot import Snapshot
    from bailiff_bot.messages.gaps import alarm_lines

    inventory = AwsScanner(
        limits=Limits(target_deadline=_TIME_LIMIT, scan_deadline=_TIME_LIMIT, read_timeout=_TIME_LIMIT)
    ).scan(NOW)
    if inventory.gaps:
        raise SystemExit("\n".join(alarm_lines(inventory.gaps)))
    return judge(Snapshot(inventory, NO_DIRECTORY), Policy(), NOW).count


def botocore() -> int:
    """Do the same with botocore's own parser."""
    from unittest.mock import patch

    from bailiff_bot.aws import target_reader
    from bailiff_bot.aws.botocore_parser import parse_with_botocore

    with patch.object(target_reader, "parse_page", parse_with_botocore):
        return bailiff()


def lower_bound() -> int:
    """Fetch the same bytes from all regions at a time, and parse them with lxml in one thread; nothing else."""
    from benchmarks.lower_bound import fetch_and_parse

    return fetch_and_parse()


VARIANTS: dict[str, Callable[[], int]] = {variant.__name__: variant for variant in (bailiff, botocore, lower_bound)}

if __name__ == "__main__":
    print(VARIANTS[sys.argv[1]]())
