"""The direct messages of a digest, ready to be sent: nudges, and new content for earlier ones."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.delivery import MessageKind, OutgoingMessage
from bailiff_bot.domain.digest import NUDGE, Digest, copy_name
from bailiff_bot.domain.finding_keys import dump_keys
from bailiff_bot.domain.history import FindingKey, LastNudge, finding_keys, remaining_findings
from bailiff_bot.domain.nudge_update import NudgeUpdate
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import OwnerFindings, possible_findings
from bailiff_bot.domain.report import Report, most_urgent_first
from bailiff_bot.messages.action_results import DoneAction
from bailiff_bot.messages.delivery_summary import copy_label, owner_line
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.messages.owner_messages import (
    copy_ended,
    edit_label,
    nudge,
    nudge_fixed,
    nudge_partly_fixed,
    nudge_superseded,
    remaining_rows,
)
from bailiff_bot.messages.reader import OWNER, Reader, delegate
from bailiff_bot.usecases.offers import Offers, done_actions
from bailiff_bot.usecases.report_messages import ReportMessages


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        """Return what was done in a message, in the order of time."""
        ...

    def since(self, at: datetime) -> tuple[ActionResult, ...]:
        """Return what was done from `at` on, in the order of time."""
        ...


@dataclass(frozen=True, slots=True)
class NudgeState:
    """What an earlier nudge lists now."""

    remaining: frozenset[FindingKey]
    own: frozenset[FindingKey]
    """All findings that its recipient certainly has now."""
    report: Report
    changes: Changes


@dataclass(frozen=True, slots=True)
class NudgeMessages:
    """Makes the direct messages of digests."""

    messages: ReportMessages
    channel_name: str
    """The digest's channel, where an owner can say that an instance is somebody else's."""
    offers: Offers
    home_url: Callable[[], str]
    """Returns the address that opens the Home tab; empty if it is not known."""
    results: ResultStore
    delegations: Callable[[], tuple[Delegation, ...]]
    """Returns who acts for whom now: delegates get copies."""

    def of_digest(self, digest: Digest) -> Iterator[OutgoingMessage]:
        """Yield the nudges to the owners who are due with their copies, and edits of earlier ones that are outdated."""
        notify = digest.nudges == "on" and digest.report.plausible
        notified = digest.owners_due if notify else frozenset()
        due = [findings for findings in digest.owner_findings if findings.owner.user_id in notified]
        yield from (self._nudge(findings, digest) for findings in due)
        delegations = self.delegations() if due else ()
        copied = [copied for findings in due for copied in _copied(findings, delegations)]
        yield from (self._copy(delegation, findings, digest) for delegation, findings in copied)
        copies = {(delegation.delegate_id, delegation.owner_id) for delegation, _ in copied}
        yield from self._edits(digest, {(user, "") for user in notified} | copies)

    def _edits(self, digest: Digest, replaced: AbstractSet[tuple[str, str]]) -> Iterator[OutgoingMessage]:
        """Yield edits. `replaced` has those to whom a newer message is sent, each with the owner if it is a copy."""
        current = {findings.owner.user_id: finding_keys(findings.rows) for findings in digest.owner_findings}
        for last_nudge in digest.history.direct_messages:
            if not last_nudge.ts or not last_nudge.still_listed:
                continue
            owner, reader = last_nudge.owner_id, self._reader(last_nudge)
            undetermined = possible_findings(digest.unassigned, owner) | digest.changes.undetermined.keys()
            remaining = remaining_findings(last_nudge, current.get(owner, frozenset()), undetermined)
            if reader and (last_nudge.recipient, last_nudge.copied_from) in replaced:
                yield self._edit(last_nudge, frozenset(), nudge_superseded(last_nudge, self.messages.zone, reader))
            elif remaining != last_nudge.still_listed or not reader:
                yield self._updated(last_nudge, remaining, digest)

    def _nudge(self, findings: OwnerFindings, digest: Digest) -> OutgoingMessage:
        user, zone = findings.owner.user_id, self.messages.zone
        last_nudge = digest.history.last_nudges.get(user)
        offers = self.offers.make(most_urgent_first(findings.rows), user, "")
        document = nudge(findings, digest.report, zone, self.channel_name, last_nudge, self._actions(offers))
        message = self.messages.message(MessageKind.DIRECT, user, NUDGE, document)
        about = dump_keys(finding_keys(findings.rows))
        return replace(message, label=owner_line(findings), about=about, offers=offers)

    def _copy(self, delegation: Delegation, findings: OwnerFindings, digest: Digest) -> OutgoingMessage:
        """Return the copy of an owner's nudge for a delegate, with buttons of its own."""
        user, zone, name = delegation.delegate_id, self.messages.zone, copy_name(delegation.owner_id)
        found = (
            one for one in digest.history.last_copies if (one.recipient, one.owner_id) == (user, findings.owner.user_id)
        )
        offers = self.offers.make(most_urgent_first(findings.rows), user, "")
        reader = delegate(delegation, zone)
        actions = self._actions(offers, reader=reader)
        document = nudge(findings, digest.report, zone, self.channel_name, next(found, None), actions, reader)
        message = self.messages.message(MessageKind.DIRECT, user, name, document)
        label, about = copy_label(delegation, findings), dump_keys(finding_keys(findings.rows))
        return replace(message, label=label, about=about, offers=offers)

    def _reader(self, last_nudge: LastNudge) -> Reader | None:
        """Return who reads an earlier message; None if it is a copy, and its reader does not act for the owner now."""
        if not last_nudge.copied_from:
            return OWNER
        pair = last_nudge.owner_id, last_nudge.recipient
        found = (one for one in self.delegations() if (one.owner_id, one.delegate_id) == pair)
        return next((delegate(one, self.messages.zone) for one in found), None)

    def _actions(
        self, offers: Sequence[Offer], done: tuple[DoneAction, ...] = (), reader: Reader = OWNER
    ) -> Actions | None:
        if not offers and not done:
            return None
        home_url = self.home_url() if reader == OWNER else ""  # the Home tab shows one's own
        return self.offers.actions(offers, home_url, done)

    def _updated(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], digest: Digest) -> OutgoingMessage:
        """Return the new content of an earlier nudge, of which the findings `remaining` are still listed."""
        rows = (one.rows for one in digest.owner_findings if one.owner.user_id == last_nudge.owner_id)
        own = frozenset[FindingKey]().union(*map(finding_keys, rows))
        return self.update(last_nudge, NudgeState(remaining, own, digest.report, digest.changes))

    def undone(self, last_nudge: LastNudge) -> frozenset[FindingKey]:
        """Return the findings that a nudge lists again, because somebody kept the instance and ended that."""
        ended = (one for one in self.results.since(last_nudge.at) if one.action in {Action.UNDO, Action.END})
        undone = {one.offer.subject for one in ended}
        return frozenset(key for key in last_nudge.findings if key.subject in undone)

    def update(self, last_nudge: LastNudge, state: NudgeState) -> OutgoingMessage:
        """Return the new content of an earlier nudge, with what was done in it."""
        remaining, zone, reader = state.remaining, self.messages.zone, self._reader(last_nudge)
        if reader is None:
            return self._edit(last_nudge, frozenset(), copy_ended(last_nudge, zone))
        update = NudgeUpdate(last_nudge, remaining, state.own, state.report, state.changes)
        results = self.results.of_message(last_nudge.key) if last_nudge.key else ()
        undo = self.offers.undo(results, last_nudge.recipient, last_nudge.key)
        done = done_actions(results, undo)
        if remaining:
            listed = most_urgent_first(remaining_rows(update))
            offers = self.offers.make(listed, last_nudge.recipient, last_nudge.key)
            actions = self._actions(offers, done, reader)
            document = nudge_partly_fixed(update, zone, self.channel_name, actions, reader)
        else:
            offers, document = (), nudge_fixed(update, zone, self._actions((), done, reader), reader)
        return replace(self._edit(last_nudge, remaining, document), offers=(*offers, *undo))

    def _edit(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], document: Document) -> OutgoingMessage:
        payload = {**self.messages.render(document), "channel": last_nudge.channel, "ts": last_nudge.ts}
        return OutgoingMessage(
            kind=MessageKind.EDIT,
            recipient=last_nudge.recipient,
            name=f"edit {last_nudge.ts}",
            label=edit_label(last_nudge, self.messages.zone),
            payload=payload,
            about=dump_keys(remaining),
            edited_ts=last_nudge.ts,
        )


def _copied(findings: OwnerFindings, delegations: Iterable[Delegation]) -> Iterator[tuple[Delegation, OwnerFindings]]:
    """Yield the delegations of an owner, each with the part of the owner's findings that it covers, if any."""
    for delegation in delegations:
        rows = tuple(row for row in findings.rows if delegation.covers(row.identity))
        if rows and delegation.owner_id == findings.owner.user_id:
            yield delegation, replace(findings, rows=rows)
