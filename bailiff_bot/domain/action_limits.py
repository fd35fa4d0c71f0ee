"""What the team allows: how long a new owner waits, how long an undo is possible, and what may be typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from bailiff_bot.domain.action import Action, CurrentInstance, Request
from bailiff_bot.domain.identity import identifier_in_name

UNDO_TIME = timedelta(minutes=10)
MAX_ADMIN_EXEMPTION_DAYS = 365
MAX_REASON_LENGTH = 300
MAX_NAME_LENGTH = 256
"""The longest value of a tag."""


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """The team's limits of actions."""

    zone: ZoneInfo
    """Its calendar days are those of an exemption."""
    max_exemption_days: int = 30
    owner_settled: timedelta = timedelta(hours=24)
    """For so long scans must have shown an owner who stops, renames or deletes."""
    known_identifiers: frozenset[str] | None = None
    """The identifiers of the directory, upper case. None without a directory: then the letters decide."""
    not_identifiers: frozenset[str] = frozenset()


def is_acceptable(request: Request, limits: ActionLimits) -> bool:
    """Return True if what was typed is acceptable. A deletion that is due was confirmed before."""
    check = _CHECKS.get(request.action)
    return request.due is not None or check is None or check(request, limits)


def _is_end_and_reason(request: Request, limits: ActionLimits) -> bool:
    until, reason = request.input.until, request.input.reason.strip()
    if until is None or not reason or len(reason) > MAX_REASON_LENGTH:
        return False
    days = MAX_ADMIN_EXEMPTION_DAYS if request.person.is_admin else limits.max_exemption_days
    return 1 <= (until - request.at.astimezone(limits.zone).date()).days <= days


def _is_name(request: Request, limits: ActionLimits) -> bool:
    """Return True for a name that starts with the owner's identifier; an administrator may give it to anybody known."""
    name = request.input.name.strip()
    identifier = identifier_in_name(name, limits.not_identifiers)
    if identifier is None or len(name) > MAX_NAME_LENGTH:
        return False
    if limits.known_identifiers is not None and identifier not in limits.known_identifiers:
        return False
    return request.person.is_admin or identifier in request.person.identifiers


def _is_confirmation(request: Request, limits: ActionLimits) -> bool:
    del limits
    instance, typed = request.instance, request.input.confirmation.strip()
    return bool(typed) and isinstance(instance, CurrentInstance) and typed in {instance.name.strip(), instance.id}


_CHECKS: Mapping[Action, Callable[[Request, ActionLimits], bool]] = {
    Action.KEEP: _is_end_and_reason,
    Action.RENAME: _is_name,
    Action.DELETE: _is_confirmation,
}
