"""The use case that reminds people a day before an exemption ends, once each exemption."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.exemption_reminder import counts_again, is_reminder_due
from bailiff_bot.domain.grants import Grant, live_grants
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.report import Row
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.current_instances import CurrentInstances
from bailiff_bot.usecases.reminder_messages import EXEMPTION_REMINDER, ReminderMessages, reminder_slot

_LOOK_AGAIN = timedelta(minutes=15)
"""After this time an instance is read again that could not be read, or of which nobody had to be reminded."""
_WAIT_UNTIL_BEFORE = timedelta(hours=12)
"""So long before the end, an owner is not waited for any more of whom Slack does not say who that is."""

log = structlog.get_logger()


class ExemptionStore(Protocol):
    """Stores exemptions. Raises StoreError."""

    def live(self, now: datetime) -> tuple[Grant, ...]:
        """Return the exemptions that are not over."""
        ...


class Users(Protocol):
    """Finds the users of the workspace."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner of each e-mail address, or the reason why no owner was found."""
        ...

    def is_member(self, user_id: str) -> bool:
        """Return True for an active full member of the workspace. Raises SlackError if Slack does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class ExemptionReminders:
    """Reminds who granted an exemption, and the owners."""

    exemptions: ExemptionStore
    users: Users
    current: CurrentInstances
    messages: ReminderMessages
    planner: Planner
    outbox: Outbox
    leases: Leases
    clock: Clock
    zone: tzinfo
    _look_again_at: dict[str, datetime] = field(default_factory=dict, init=False)
    """By the id of an exemption, when its instance is read again."""

    def send_due(self) -> None:
        """Plan the reminders that are due, and hand them to the outbox. Raises StoreError and SlackError."""
        now = self.clock()
        live = self.exemptions.live(now)
        due = [grant for grant in live if self._is_due(grant, now)]
        if not due:
            return
        with self.leases.hold(EXEMPTION_REMINDER) as acquired:
            for grant in due if acquired else ():
                self._look_again_at[grant.id] = now + _LOOK_AGAIN
                self._remind(grant, live)

    def _is_due(self, grant: Grant, now: datetime) -> bool:
        if not is_reminder_due(grant, now, self.zone) or now < self._look_again_at.get(grant.id, now):
            return False
        return not self.planner.has_slot(reminder_slot(grant.id))

    def _remind(self, grant: Grant, live: Sequence[Grant]) -> None:
        row = self.current.find(grant.subject).row
        if not isinstance(row, Row) or not counts_again(grant, row, live_grants(live, self.clock())):
            log.info("reminder.not_sent", exemption=grant.id, instance=grant.subject.id)
            return
        owners = self.users.owners(frozenset(row.identity.addresses))
        if self._waits_for(owners, grant):
            log.info("reminder.waits", exemption=grant.id, reason="Slack did not say who an owner is")
            return
        plans = tuple(self._plans(grant, row, owners))
        if plans and self.planner.save(*plans):
            for plan in plans:
                self.outbox.submit(plan.batch)

    def _waits_for(self, owners: OwnersByAddress, grant: Grant) -> bool:
        failed = any(isinstance(one, NoOwner) and one.lookup_failed for one in owners.values())
        return failed and grant.until - self.clock() > _WAIT_UNTIL_BEFORE

    def _plans(self, grant: Grant, row: Row, owners: OwnersByAddress) -> Iterator[BatchPlan]:
        """Yield a batch for each recipient, so that one who cannot be reached keeps nobody else from being told.

        The first has the slot of the exemption, so of two replicas one saves them.
        """
        for number, user_id in enumerate(self._recipients(grant, row, owners)):
            slot = reminder_slot(grant.id, user_id if number else "")
            batch = self.planner.scheduled_batch(EXEMPTION_REMINDER, slot, user_id, grant.until)
            yield BatchPlan(batch, (self.messages.reminder(grant, row, user_id),))

    def _recipients(self, grant: Grant, row: Row, owners: OwnersByAddress) -> tuple[str, ...]:
        """Return who granted it, unless that person said "not mine" since, and the owners."""
        said = {one.user_id for one in row.identity.disclaimers}
        is_told = grant.granted_by not in said and self.users.is_member(grant.granted_by)
        found = (one.user_id for one in owners.values() if isinstance(one, Owner))
        return tuple(dict.fromkeys((*([grant.granted_by] if is_told else []), *found)))
