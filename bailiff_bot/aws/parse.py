"""From one page of DescribeInstances, as boto3 gives it, to instances."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bailiff_bot.aws.detail import one_line
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.fields import required, text
from bailiff_bot.domain.instance import GONE, Instance, State, Target
from bailiff_bot.domain.inventory import Reason

_DATED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$")
_STATES = {state.value: state for state in State}


def instances(page: Mapping[str, Any], target: Target) -> Iterator[Instance]:
    """Yield the instances of a page that still exist.

    Raises Unreadable where the page is not an answer of DescribeInstances: an HTML page with status 200 comes as a
    dictionary without `Reservations`, and must not count as an empty region.
    """
    for reservation in required(page, "Reservations"):
        for row in required(reservation, "Instances"):
            state = _state(row)
            if state not in GONE:
                yield _instance(row, state, target)


def _instance(row: Mapping[str, Any], state: State, target: Target) -> Instance:
    return Instance(
        id=text(row, "InstanceId"),
        target=target,
        type=text(row, "InstanceType"),
        state=state,
        launched=required(row, "LaunchTime").astimezone(UTC),
        transitioned=transition_date(_optional(row, "StateTransitionReason")),
        tags={text(tag, "Key"): _optional(tag, "Value") for tag in row.get("Tags", ())},
    )


def _state(row: Mapping[str, Any]) -> State:
    name = text(required(row, "State"), "Name")
    if name not in _STATES:
        raise Unreadable(Reason.BAD_ANSWER, one_line(f"an instance in the unknown state {name!r}"))
    return _STATES[name]


def _optional(row: Mapping[str, Any], key: str) -> str:
    return text(row, key) if row.get(key) else ""


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None where there is none."""
    match = _DATED.search(reason)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
