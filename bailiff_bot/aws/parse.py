"""From one page of DescribeInstances, as boto3 gives it, to instances."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bailiff_bot.domain.instance import GONE, Instance, State, Target

_DATED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$")


def instances(page: Mapping[str, Any], target: Target) -> Iterator[Instance]:
    """Yield the instances of a page that still exist.

    Raises KeyError where the page is not an answer of DescribeInstances: an HTML page with status 200 comes as a
    dictionary without `Reservations`, and must not count as an empty region.
    """
    for reservation in page["Reservations"]:
        for row in reservation["Instances"]:
            state = State(row["State"]["Name"])
            if state not in GONE:
                yield _instance(row, state, target)


def _instance(row: Mapping[str, Any], state: State, target: Target) -> Instance:
    return Instance(
        id=row["InstanceId"],
        target=target,
        type=row["InstanceType"],
        state=state,
        launched=row["LaunchTime"].astimezone(UTC),
        transitioned=transition_date(row.get("StateTransitionReason", "")),
        tags={tag["Key"]: tag.get("Value", "") for tag in row.get("Tags", ())},
    )


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None where there is none."""
    match = _DATED.search(reason)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
