"""Who may do what to which instance: the rows that were decided by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bailiff_bot.domain.action import (
    Action,
    ActionInput,
    Brake,
    CurrentInstance,
    Done,
    DueDeletion,
    ImageState,
    Keeper,
    Lifecycle,
    Membership,
    Person,
    Refusal,
    Request,
    Undone,
    UnreadInstance,
    Verdict,
    Volumes,
)
from bailiff_bot.domain.action_decision import decide
from bailiff_bot.domain.action_limits import ActionLimits
from bailiff_bot.domain.instance import InstanceState

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "actions.yaml").read_text(encoding="utf-8"))
ROWS = [
    pytest.param(row, id=f"{section}-{number}-{row['why']}")
    for section, rows in TABLE.items()
    for number, row in enumerate(rows, 1)
]
LIMITS = ActionLimits(
    ZoneInfo("Europe/Paris"), known_identifiers=frozenset({"AGR", "ALB", "HRO", "MLG", "NCV", "NABE", "PADE"})
)
ALL_ACTIONS = ["keep", "not-mine", "rename", "stop", "delete"]
INSTANCE_ID = "i-0123456789abcdef0"
KEPT_BY = {False: Keeper.NOBODY, True: Keeper.OTHERS, "own": Keeper.SELF}
DONE = {False: Done.NO, True: Done.YES, "failed": Done.FAILED}


def person(row: dict[str, Any]) -> Person:
    by = row.get("by", "owner")
    has_owners = row.get("owners", 1) > 0 and row.get("owner_now", by != "other") and not row.get("said_not_mine")
    is_delegate = by != "delegate" or row.get("delegation", "active") == "active"
    return Person(
        Membership(row.get("member", "full")),
        owns=has_owners and is_delegate and (by != "admin"),
        owner_for=timedelta(hours=row.get("owner_for_hours", 1000)),
        is_admin=by == "admin",
        identifiers=frozenset({"AGR"}),
    )


def instance(row: dict[str, Any]) -> CurrentInstance | UnreadInstance:
    wants_stopped = row["action"] == "delete" or row.get("of") == "stop"
    now = row.get("now", "stopped" if wants_stopped else "running")
    if now in set(UnreadInstance):
        return UnreadInstance(now)
    volumes = {row.get("root_volume", "deleted"), row.get("data_volume", row.get("root_volume", "deleted"))}
    return CurrentInstance(
        INSTANCE_ID,
        row.get("name_now", "agr-web-old"),
        InstanceState(now),
        is_compliant=row.get("compliant", False),
        is_abandoned=row.get("abandoned", row["action"] == "delete"),
        is_managed=row.get("managed", False),
        kept_by=KEPT_BY[row.get("exempt", False)],
        lifecycle=Lifecycle(row.get("lifecycle", "on-demand")),
        has_instance_store_root=row.get("root") == "instance-store",
        is_stop_protected=row.get("protected") == "stop",
        is_termination_protected=row.get("protected") == "termination",
        has_local_disk=row.get("local_disk", False),
        has_public_address=row.get("public_address", False),
        has_elastic_address=row.get("elastic_address", False),
        volumes=frozenset(map(Volumes, volumes)),
        is_scheduled=row.get("scheduled", False),
        is_in_stack=row.get("stack", False),
        is_used=row.get("usage") == "used",
    )


def typed(row: dict[str, Any]) -> ActionInput:
    confirmations = {"name": row.get("name_now", "agr-web-old"), "id": INSTANCE_ID}
    confirmation = row.get("typed", "name")
    name = row.get("name", "agr-web")
    return ActionInput(
        until=row.get("until", datetime(2026, 12, 1, tzinfo=UTC).date()),
        reason="x" * row["reason_length"] if "reason_length" in row else row.get("reason", "in use"),
        name=name.ljust(row.get("name_length", 0), "x"),
        confirmation=confirmations.get(confirmation, confirmation),
    )


def request(row: dict[str, Any]) -> Request:
    at = row.get("at", datetime(2026, 11, 20, 9, tzinfo=UTC))
    action = Action(row["action"])
    needs_role = action in {Action.STOP, Action.RENAME, Action.DELETE}
    undone = Undone(
        Action(row.get("of", "stop")), at - timedelta(minutes=row.get("minutes", 0)), row.get("did", "self") == "self"
    )
    return Request(
        action,
        person(row),
        instance(row),
        at,
        directory_read=row.get("directory", "read") == "read",
        is_enabled=action in row.get("enabled", ALL_ACTIONS) and (row.get("action_role", True) or not needs_role),
        done=DONE[row.get("done", False)],
        brake=Brake(row.get("brake", "none")),
        input=typed(row),
        undone=undone if action is Action.UNDO else None,
        due=DueDeletion(ImageState(row.get("image", "available")), row.get("cancelled", False))
        if row.get("phase") == "due"
        else None,
    )


@pytest.mark.parametrize("row", ROWS)
def test_an_action_is_decided_as_by_hand(row: dict[str, Any]) -> None:
    decision = decide(request(row), LIMITS)

    assert decision.outcome == row["expect"]
    assert decision.warnings == frozenset(row.get("warn", []))


STRANGER = Person(Membership.FULL)
OWNER, ADMIN = replace(STRANGER, owns=True), replace(STRANGER, is_admin=True)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (OWNER, Verdict.DO),
        (ADMIN, Verdict.DO),
        (STRANGER, Refusal.NOT_YOURS),
    ],
)
def test_an_exemption_is_ended_by_owners_and_administrators(by: Person, expected: object) -> None:
    assert decide(ending(by, by_self=False), LIMITS).outcome == expected


def test_who_granted_an_exemption_ends_it_however_long_ago_and_owner_no_more() -> None:
    assert decide(ending(STRANGER, by_self=True), LIMITS).outcome is Verdict.DO


def ending(person: Person, *, by_self: bool) -> Request:
    """Return the request to end an exemption of a compliant instance, granted five days ago."""
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    now = CurrentInstance("i-1", "agr-web", InstanceState.RUNNING, is_compliant=True)
    undone = Undone(Action.KEEP, at - timedelta(days=5), by_self)
    return Request(Action.END, person, now, at, is_enabled=False, undone=undone)


@pytest.mark.parametrize(
    ("by", "enabled", "expected"),
    [
        (OWNER, True, Refusal.NOT_YOURS),
        (ADMIN, True, Verdict.DO),
        (ADMIN, False, Refusal.NOT_ENABLED),
    ],
)
def test_owners_are_assigned_by_administrators(by: Person, enabled: bool, expected: object) -> None:  # noqa: FBT001 - a row
    now = CurrentInstance("i-1", "web", InstanceState.RUNNING, is_compliant=True)
    asked = Request(Action.ASSIGN, by, now, datetime(2026, 11, 20, tzinfo=UTC), is_enabled=enabled)
    assert decide(asked, LIMITS).outcome == expected


@pytest.mark.parametrize(
    ("by", "by_self", "minutes", "expected"),
    [
        (STRANGER, True, 9, Verdict.DO),  # who said "not mine" is no owner any more
        (STRANGER, True, 10, Refusal.TOO_LATE),
        (OWNER, False, 9, Refusal.NOT_YOURS),
        (ADMIN, False, 9, Verdict.DO),
    ],
)
def test_not_mine_is_taken_back_by_who_said_it(by: Person, by_self: bool, minutes: int, expected: object) -> None:  # noqa: FBT001 - a row
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    now = CurrentInstance("i-1", "agr-web", InstanceState.RUNNING, is_compliant=True)
    undone = Undone(Action.NOT_MINE, at - timedelta(minutes=minutes), by_self)
    assert decide(Request(Action.UNDO, by, now, at, undone=undone), LIMITS).outcome == expected
