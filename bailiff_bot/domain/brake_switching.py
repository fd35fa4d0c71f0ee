"""Whether somebody may switch the brake, and what is saved then."""

from dataclasses import dataclass
from enum import StrEnum

from bailiff_bot.domain.action_brakes import Brakes, BrakeSwitch
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.delivery import BatchPlan


class SwitchVerdict(StrEnum):
    """What comes of a command that switches the brake. The values of refusals are reasons in the audit log."""

    SWITCH = "switch"
    UNCHANGED = "unchanged"
    """It is so already."""
    NOT_ADMIN = "not-an-administrator"
    RAN_INTO_IT = "ran-into-it"
    """Who reached a limit does not lift it."""


@dataclass(frozen=True, slots=True)
class BrakeChange:
    """What is saved in the transaction that read the brakes, and what it decided."""

    brakes: Brakes
    """The brakes before the change."""
    verdict: SwitchVerdict
    switch: BrakeSwitch | None = None
    """None if nothing is switched."""
    record: AuditRecord | None = None
    """None if nothing is recorded: neither a switch nor a refusal."""
    notice: BatchPlan | None = None
    """The message that announces a switch; None if there is none."""


def switch_verdict(brakes: Brakes, wanted: BrakeSwitch, *, is_admin: bool) -> SwitchVerdict:
    """Return whether a switch that somebody wants is done."""
    if not is_admin:
        return SwitchVerdict.NOT_ADMIN
    is_on = brakes.switch is not None and brakes.switch.is_on
    if wanted.is_on:
        return SwitchVerdict.UNCHANGED if is_on else SwitchVerdict.SWITCH
    if brakes.ran_into_it(wanted.user_id, wanted.at):
        return SwitchVerdict.RAN_INTO_IT
    return SwitchVerdict.SWITCH if is_on or _lifts_something(brakes, wanted) else SwitchVerdict.UNCHANGED


def _lifts_something(brakes: Brakes, wanted: BrakeSwitch) -> bool:
    """Return True if there are actions that would not count any more."""
    return any(slot.user_id != wanted.user_id for slot in brakes.counting(wanted.at))
