"""Tells people in a direct message, once, that scans show others as the owners of what was theirs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress
from bailiff_bot.domain.owner_change import OWNER_CHANGE, OwnerChange
from bailiff_bot.messages.owner_change import owner_change_message
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.report_messages import ReportMessages

_GIVE_UP_AFTER = timedelta(days=1)
"""Then a message is not sent any more, and an owner whom Slack does not find is not waited for."""
Readers = Mapping[OwnerChange, str]
"""The id of the user who is told each change; empty: nobody is told."""

log = structlog.get_logger()


class OwnerChangeStore(Protocol):
    """Stores changes of owners. Raises StoreError."""

    def waiting(self) -> tuple[OwnerChange, ...]:
        """Return the changes of which the former owner is not told yet, in the order of time."""
        ...

    def tell(self, changes: Sequence[OwnerChange], plans: Sequence[BatchPlan]) -> bool:
        """Save the plans that tell changes. Returns False, and saves nothing, if another process told one of them."""
        ...


class Users(Protocol):
    """Finds the users of the workspace."""

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        """Return the owner of each e-mail address, or the reason why no owner was found."""
        ...


@dataclass(frozen=True, slots=True)
class OwnerChanges:
    """Tells former owners."""

    store: OwnerChangeStore
    users: Users
    messages: ReportMessages
    planner: Planner
    outbox: Outbox
    clock: Clock
    ask_in: str
    """Where people ask who owns an instance, as text for people."""
    settled_hours: int
    nudges: str
    """`on`, `dry-run` or `off`. If it is not `on`, nobody is told."""

    def run_due(self) -> None:
        """Tell what changed. Raises StoreError."""
        readers = self._readers(self.store.waiting(), self.clock())
        if not readers:
            return
        plans = tuple(self._plans(readers))
        if self.store.tell(tuple(readers), plans):
            for plan in plans:
                self.outbox.submit(plan.batch)

    def _readers(self, changes: Sequence[OwnerChange], now: datetime) -> Readers:
        """Return who is told each change, without those of whom Slack did not say who that is."""
        if self.nudges != "on":
            for one in changes:
                log.info("owner_change.not_sent", instance=one.subject.id, reason=f"BAILIFF_NUDGES is {self.nudges}")
            return dict.fromkeys(changes, "")
        if not changes:
            return {}
        users = self.users.owners(frozenset(address for one in changes for address in (one.former, *one.addresses)))
        return {
            one: _reader(one, users)
            for one in changes
            if not _lookup_failed(one, users) or now - one.at >= _GIVE_UP_AFTER
        }

    def _plans(self, readers: Readers) -> Iterator[BatchPlan]:
        """Yield a plan for each reader: a batch of its own, because a batch ends if its first message is refused."""
        by_reader: defaultdict[str, list[OwnerChange]] = defaultdict(list)
        for change, reader in readers.items():
            by_reader[reader].append(change)
        by_reader.pop("", None)
        for reader, changes in sorted(by_reader.items()):
            batch = self.planner.unscheduled_batch(OWNER_CHANGE, reader)
            document = owner_change_message(changes, self.messages.zone, self.ask_in, self.settled_hours)
            message = self.messages.parent(reader, document)
            yield BatchPlan(replace(batch, expires_at=batch.planned_at + _GIVE_UP_AFTER), (message,))


def _reader(change: OwnerChange, users: OwnersByAddress) -> str:
    """Return the former owner, unless that is one of the owners under another address."""
    former = users[change.former]
    if not isinstance(former, Owner) or any(_is_same(users[one], former) for one in change.addresses):
        return ""
    return former.user_id


def _is_same(one: Owner | NoOwner, other: Owner) -> bool:
    return isinstance(one, Owner) and one.user_id == other.user_id


def _lookup_failed(change: OwnerChange, users: OwnersByAddress) -> bool:
    found = (users[address] for address in (change.former, *change.addresses))
    return any(isinstance(one, NoOwner) and one.lookup_failed for one in found)
