"""Findings that ended because an instance is used, or is not idle any more. Nobody fixed them, so nobody is thanked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

from bailiff_bot.domain.history import DigestHistory, FindingKey
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.usage import UsageVerdict


class Cleared(Enum):
    """Why a finding about use ended."""

    IN_USE = "in use"
    """The metrics show use."""
    NOT_IDLE = "not idle any more"
    """It runs on as before. The metrics do not show it idle, and do not show use either."""


def cleared_findings(
    keys: Iterable[FindingKey], rows: Mapping[Subject, Row], history: DigestHistory
) -> dict[FindingKey, Cleared]:
    """Return those of `keys` that are cleared, with the reason. The report of `rows` contains none of `keys`."""
    listed_at = _listed_at(history)
    about_use = ((key, rows.get(key.subject)) for key in keys if key.rule is RuleId.STOPPED_WHEN_UNUSED)
    reasons = {key: _reason(row, listed_at.get(key)) for key, row in about_use if row}
    return {key: reason for key, reason in reasons.items() if reason}


def _reason(row: Row, listed_at: datetime | None) -> Cleared | None:
    if row.case.exemption:
        return None  # a tag exempts it: somebody answered
    if row.case.usage.verdict is UsageVerdict.USED:
        return Cleared.IN_USE
    return Cleared.NOT_IDLE if listed_at and _runs_on(row, listed_at) else None


def _runs_on(row: Row, since: datetime) -> bool:
    """Return True if an instance runs since a time without a stop. Machines of a controller come and go."""
    instance = row.instance
    return not row.controller and instance.state is InstanceState.RUNNING and instance.launched_at <= since


def _listed_at(history: DigestHistory) -> dict[FindingKey, datetime]:
    """Return when each finding was listed last: in a digest, else in a direct message."""
    nudges = sorted(history.direct_messages, key=lambda one: one.at)
    listed = {key: one.at for one in nudges for key in one.findings}
    return listed | {one.key: one.last_seen for one in history.open_findings}
