"""Tells owners in a direct message what others did to what is theirs, once, and collected for a minute."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Batch, BatchPlan
from bailiff_bot.domain.notice import ENDINGS, NOTICE, due_results
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.errors import SlackError
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.new_digest import OwnerLookup
from bailiff_bot.usecases.notice_messages import NoticeMessages
from bailiff_bot.usecases.stores import ExemptionReader

_GIVE_UP_AFTER = timedelta(days=1)
"""Then a notice is not sent any more, and an owner whom Slack does not find is not waited for."""
NOTICE_UPDATE = "notice update"
"""The kind of the batch that edits a notice."""
Readers = Mapping[ActionResult, frozenset[str]]
"""The ids of the users who are told each result."""

log = structlog.get_logger()


class NoticeStore(Protocol):
    """Stores notices. Raises StoreError."""

    def waiting(self) -> tuple[ActionResult, ...]:
        """Return what was done and is not told yet, in the order of time."""
        ...

    def tell(self, results: Sequence[ActionResult], plans: Sequence[BatchPlan]) -> bool:
        """Save the plans that tell results. Returns False, and saves nothing, if another process told one of them."""
        ...

    def makers(self, made_id: str) -> frozenset[str]:
        """Return the ids of the users who did what made this."""
        ...

    def showing(self, made_id: str) -> tuple[str, ...]:
        """Return the key of each notice that offers to end an exemption."""
        ...


class OwnershipReader(Protocol):
    """Finds what was said of who owns an instance. Raises StoreError."""

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Return the assignment with this id; None if there is none."""
        ...

    def disclaimer(self, disclaimer_id: str) -> Disclaimer | None:
        """Return the disclaimer with this id; None if there is none."""
        ...


class Users(OwnerLookup, Protocol):
    """Finds the users of the workspace."""

    def is_member(self, user_id: str) -> bool:
        """Return True for an active full member of the workspace. Raises SlackError if Slack does not answer."""
        ...


def _is_told_to_all(result: ActionResult) -> bool:
    """Return True for a deletion that is over: a day after the request, who asked for it is told as well."""
    return result.action is Action.DELETE and result.outcome is not Outcome.PENDING


@dataclass(frozen=True, slots=True)
class Notices:
    """Tells owners what others did."""

    store: NoticeStore
    exemptions: ExemptionReader
    ownership: OwnershipReader
    users: Users
    notice_messages: NoticeMessages
    planner: Planner
    outbox: Outbox
    edits: MessageEdits
    clock: Clock
    collect: timedelta
    """How long results are collected before they are told, assignments apart."""
    nudges: str
    """`on`, `dry-run` or `off`. If it is not `on`, nobody is told."""

    def run_due(self) -> None:
        """Tell what was done, and render again the notices of exemptions that were ended. Raises StoreError."""
        now = self.clock()
        readers = self._readers(due_results(self.store.waiting(), now, self.collect), now)
        if not readers:
            return
        for result in readers:
            self.refresh(result)
        plans = tuple(self._plans(readers))
        if self.store.tell(tuple(readers), plans):
            for plan in plans:
                self.outbox.submit(plan.batch)

    def _readers(self, results: Sequence[ActionResult], now: datetime) -> Readers:
        """Return who is told each result, without those of whom Slack did not say who the owners are."""
        if self.nudges != "on":
            for one in results:
                log.info(
                    "notice.not_sent", action=one.action, offer=one.offer.key, reason=f"BAILIFF_NUDGES is {self.nudges}"
                )
            return dict.fromkeys(results, frozenset())
        owners = self.users.owners(frozenset(address for one in results for address in one.owners))
        readers: dict[ActionResult, frozenset[str]] = {}
        for one in results:
            found = [*(owners[address] for address in one.owners), *map(self._member, self._concerned(one))]
            failed = any(isinstance(owner, NoOwner) and owner.lookup_failed for owner in found)
            if not failed or now - one.at >= _GIVE_UP_AFTER:
                told = frozenset(owner.user_id for owner in found if isinstance(owner, Owner))
                readers[one] = told if _is_told_to_all(one) else told - {one.user_id}
        return readers

    def _member(self, user_id: str) -> Owner | NoOwner:
        """Return a user, if that is still a member of the workspace."""
        try:
            return Owner(user_id, "") if self.users.is_member(user_id) else NoOwner("no member")
        except SlackError as error:
            return NoOwner(str(error), lookup_failed=True)

    def _concerned(self, result: ActionResult) -> frozenset[str]:
        """Return who is told besides the owners: whose action was ended, who was assigned, who asked for a deletion."""
        if _is_told_to_all(result):
            return frozenset({result.user_id})
        if result.action is Action.ASSIGN:
            assigned = self.ownership.assignment(result.made_id)
            return frozenset({assigned.user_id}) if assigned else frozenset()
        if result.action not in ENDINGS:
            return frozenset()
        grant, said = self.exemptions.get(result.made_id), self.ownership.disclaimer(result.made_id)
        makers = self.store.makers(result.made_id)
        return makers.union([grant.granted_by] if grant else [], [said.user_id] if said else [])

    def refresh(self, result: ActionResult) -> None:
        """Render again the notices of an exemption that a result ended. Raises StoreError."""
        is_shown_again = result.action in ENDINGS or _is_told_to_all(result)
        for key in self.store.showing(result.made_id) if is_shown_again else ():
            self.edits.edit(key, partial(self._plan_edit, key))

    def _plan_edit(self, key: str) -> Batch | None:
        edit = self.notice_messages.update(key)
        if edit is None:
            return None
        batch = self.planner.unscheduled_batch(NOTICE_UPDATE, edit.recipient)
        return batch if self.planner.save(BatchPlan(batch, (edit,))) else None

    def _plans(self, readers: Readers) -> Iterator[BatchPlan]:
        """Yield a plan for each reader: a batch of its own, because a batch ends if its first message is refused."""
        by_reader: defaultdict[str, list[ActionResult]] = defaultdict(list)
        for result, ids in readers.items():
            for reader in ids:
                by_reader[reader].append(result)
        for reader, results in sorted(by_reader.items()):
            batch = self.planner.unscheduled_batch(NOTICE, reader)
            batch = replace(batch, expires_at=batch.planned_at + _GIVE_UP_AFTER)
            yield BatchPlan(batch, (self.notice_messages.new(reader, results, batch.id[:12]),))
