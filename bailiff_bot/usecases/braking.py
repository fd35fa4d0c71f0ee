"""The use case of `/bailiff brake`: shows the brake, and switches it for administrators."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bailiff_bot.domain.action_brakes import BRAKE, Brakes, BrakeSwitch, Slot
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person, State
from bailiff_bot.domain.brake_switching import BrakeChange, SwitchVerdict, switch_verdict
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.errors import SlackError
from bailiff_bot.messages.brake import (
    NOTHING_OFFERED,
    brake_state,
    refused_switch,
    switch_notice,
    switched_note,
    unchanged_note,
)
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.report_messages import ReportMessages

BRAKE_NOTICE = "brake"
"""The kind of the batch."""
_NOTICE_EXPIRES_AFTER = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BrakeChannel:
    """Where a switch is announced."""

    name: str
    """How an answer names it."""
    find: Callable[[], str]
    """Returns its id. Raises SlackError if it cannot be used."""


@dataclass(frozen=True, slots=True)
class Braking:
    """Shows and switches the brake."""

    brakes: BrakeReader
    admins: frozenset[str]
    """The ids of Slack users."""
    channel: BrakeChannel
    planner: Planner
    outbox: Outbox
    messages: ReportMessages
    changes_aws: bool
    """True if an action that changes something in AWS is offered."""

    def show(self, user_id: str) -> Document:
        """Return the state of the brake. Raises StoreError."""
        note = "" if self.changes_aws else NOTHING_OFFERED
        return self._state(self.brakes.read(), user_id, note)

    def switch(self, person: Person, *, is_on: bool) -> Document:
        """Put the brake on or take it off, unless that is refused, and return the answer. Raises StoreError."""
        channel, problem = self._usable_channel() if person.user_id in self.admins else ("", "")
        brakes, now = self.brakes.read(), self.brakes.clock()
        wanted = BrakeSwitch(is_on, person.user_id, person.name, now)

        def decide(slots: tuple[Slot, ...], latest: BrakeSwitch | None) -> BrakeChange:
            return self._change(replace(brakes, slots=slots, switch=latest), person, wanted, channel)

        change = self.brakes.store.change(now, decide)
        if change.notice:
            self.outbox.submit(change.notice.batch)
        return self._answer(change, wanted, problem)

    def _change(self, brakes: Brakes, person: Person, wanted: BrakeSwitch, channel: str) -> BrakeChange:
        """Return what becomes of a switch that somebody wants."""
        verdict = switch_verdict(brakes, wanted, is_admin=person.user_id in self.admins)
        if verdict is SwitchVerdict.UNCHANGED:
            return BrakeChange(brakes, verdict)
        record = AuditRecord(
            wanted.at, person, BRAKE, AuditResult.DONE, before=_state(brakes.switch), after=_state(wanted)
        )
        if verdict is not SwitchVerdict.SWITCH:
            refused = replace(record, result=AuditResult.REFUSED, reason=str(verdict))
            return BrakeChange(brakes, verdict, record=refused)
        return BrakeChange(brakes, verdict, wanted, record, self._notice(wanted, brakes.switch, channel))

    def _notice(self, switch: BrakeSwitch, latest: BrakeSwitch | None, channel: str) -> BatchPlan | None:
        if not channel:
            return None
        batch = self.planner.unscheduled_batch(BRAKE_NOTICE, channel)
        batch = replace(batch, expires_at=batch.planned_at + _NOTICE_EXPIRES_AFTER)
        was_on = latest is not None and latest.is_on
        document = switch_notice(switch, was_on=was_on, zone=self.messages.zone)
        return BatchPlan(batch, (self.messages.parent(channel, document),))

    def _usable_channel(self) -> tuple[str, str]:
        """Return the id of the channel, or why it cannot be used: the brake is switched all the same."""
        try:
            return self.channel.find(), ""
        except SlackError as error:
            log.error("brake.not_announced", reason=str(error))
            return "", str(error)

    def _answer(self, change: BrakeChange, wanted: BrakeSwitch, problem: str) -> Document:
        brakes, verdict = change.brakes, change.verdict
        if verdict is SwitchVerdict.UNCHANGED:
            return self._state(brakes, wanted.user_id, unchanged_note(is_on=wanted.is_on))
        if verdict is not SwitchVerdict.SWITCH:
            zone, has_admins = self.messages.zone, bool(self.admins)
            return sentence(refused_switch(verdict, brakes, wanted.at, zone, has_admins=has_admins))
        note = switched_note(self.channel.name, problem)
        return self._state(replace(brakes, switch=wanted), wanted.user_id, note)

    def _state(self, brakes: Brakes, user_id: str, note: str) -> Document:
        return brake_state(brakes, user_id, self.brakes.clock(), self.messages.zone, note)


def _state(switch: BrakeSwitch | None) -> State:
    return {"brake": "on" if switch and switch.is_on else "off"}
