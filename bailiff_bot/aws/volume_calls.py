"""Reads the volumes of one target with DescribeVolumes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.permissions import DESCRIBE_VOLUMES
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.sessions import SESSIONS, with_renewed_credentials
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.volume import Volume

IDS_A_CALL = 200
"""EC2's maximum of values of a filter."""

_ALLOW = (
    f"allow {DESCRIBE_VOLUMES}, as deploy/iam-read-only.json does; without it the volumes of instances are not priced"
)


@dataclass(slots=True)
class TargetVolumes:
    """The volumes of a target, and why not all of them could be read."""

    volumes: list[Volume] = field(default_factory=list)
    gap: Gap | None = None


def read_volumes(access: Access, target: Target, ids: Sequence[str], limits: Limits) -> TargetVolumes:
    """Return the volumes with these ids that exist. Raises nothing for a failure of AWS.

    What was read before a failure counts.
    """
    found = TargetVolumes()
    try:
        for first in range(0, len(ids), IDS_A_CALL):
            read = partial(_read, access, target, ids[first : first + IDS_A_CALL], limits)
            found.volumes += with_renewed_credentials(access, read)
    except Unreadable as error:
        found.gap = volumes_gap(target, error)
    return found


def volumes_gap(target: Target, error: Unreadable) -> Gap:
    """Return the gap of a target whose volumes could not be read."""
    gap = replace(error.gap(target), source=GapSource.VOLUMES)
    return replace(gap, remedy=_ALLOW) if error.reason is UnreadReason.ACCESS_DENIED else gap


def _read(access: Access, target: Target, ids: Sequence[str], limits: Limits) -> list[Volume]:
    with SESSIONS.client("ec2", access, limits, target.region) as ec2:
        return [_volume(row) for page in _pages(ec2, ids) for row in required_field(page, "Volumes")]


def _pages(ec2: Any, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield all pages. With a filter, EC2 passes over ids that do not exist any more."""
    token: str | None = None
    filters = [{"Name": "volume-id", "Values": list(ids)}]
    while True:
        with translate_aws_errors():
            page = ec2.describe_volumes(Filters=filters, **({"NextToken": token} if token else {}))
        yield page
        before, token = token, page.get("NextToken")
        if not token:
            return
        if token == before:
            raise Unreadable(UnreadReason.BAD_ANSWER, "EC2 returned the same token for the next page twice")


def _volume(row: Mapping[str, Any]) -> Volume:
    return Volume(
        text_field(row, "VolumeId"),
        text_field(row, "VolumeType"),
        _number(required_field(row, "Size"), "Size"),
        _optional_number(row, "Iops"),
        _optional_number(row, "Throughput"),
    )


def _optional_number(row: Mapping[str, Any], key: str) -> int | None:
    return _number(row[key], key) if row.get(key) is not None else None


def _number(value: object, key: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise Unreadable(UnreadReason.BAD_ANSWER, f"the answer has an invalid {key}")
    return value
