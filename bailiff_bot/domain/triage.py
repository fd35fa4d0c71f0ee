"""Triage: what people said is not theirs, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.ownership import Assignment, Disclaimer, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Row

TRIAGE = "triage"
"""The kind of the batch that posts new disclaimers into the triage channel."""


class TriageState(StrEnum):
    """What became of a disclaimer."""

    OPEN = "open"
    """Nobody has decided whose it is."""
    ASSIGNED = "assigned"
    UNDONE = "undone"
    """Who said it took it back."""
    CHANGED = "changed"
    """The name or the owner tags changed, so that it does not count any more."""
    OVER = "over"
    """Nobody decided it in time."""


@dataclass(frozen=True, slots=True)
class TriageItem:
    """A disclaimer, and what became of it."""

    disclaimer: Disclaimer
    state: TriageState
    assignment: Assignment | None = None
    """The owner that triage assigned after it; None if there is none."""
    row: Row | None = None
    """The instance in the latest report; None if it is not there."""
    words: str = ""
    """What was written with the disclaimer."""


@dataclass(frozen=True, slots=True)
class TriageMessage:
    """A message in the triage channel."""

    key: str
    """The key of its delivery."""
    channel: str
    ts: str
    """With `channel`, its address in Slack; empty if it is not known whether it arrived."""
    said: tuple[tuple[Disclaimer, TriageState], ...]
    """What it is about, and what it says became of it."""


def triage_item(
    disclaimer: Disclaimer, assignments: Iterable[Assignment], row: Row | None, policy: Policy, now: datetime
) -> TriageItem:
    """Return what became of a disclaimer. `assignments` are those of its subject, in the order of time."""
    later = [one for one in assignments if one.assigned_at >= disclaimer.said_at]
    if later:
        return TriageItem(disclaimer, TriageState.ASSIGNED, later[-1], row)
    return TriageItem(disclaimer, _state(disclaimer, row, policy, now), None, row)


def _state(disclaimer: Disclaimer, row: Row | None, policy: Policy, now: datetime) -> TriageState:
    if disclaimer.until <= now:
        was_undone = disclaimer.until - disclaimer.said_at <= UNDO_TIME
        return TriageState.UNDONE if was_undone else TriageState.OVER
    if row and ownership_fingerprint(row.instance, policy) != disclaimer.fingerprint:
        return TriageState.CHANGED
    return TriageState.OPEN
