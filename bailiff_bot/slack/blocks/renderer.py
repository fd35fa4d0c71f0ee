"""Draws all that is sent: the digest and its thread, the direct messages and what becomes of them, the full report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from bailiff_bot.domain.delivery import Delivery, DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.domain.history import FindingKey, LastNudge, finding_keys
from bailiff_bot.domain.owner import OwnerFindings
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.changes_text import changes_text
from bailiff_bot.messages.wording import all_is_well, date_time, dated_small_print
from bailiff_bot.render.columns import iso_day
from bailiff_bot.render.export import as_csv
from bailiff_bot.slack.blocks.delivery_summary import (
    DeliverySummary,
    after_nudges,
    already_notified_line,
    before_nudges,
    owner_line,
    unassigned_lines,
)
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.blocks.owner_messages import (
    NudgeUpdate,
    nudge,
    nudge_fixed,
    nudge_partly_fixed,
    nudge_superseded,
)
from bailiff_bot.slack.blocks.summary import summary
from bailiff_bot.slack.blocks.tables import table_messages
from bailiff_bot.usecases.digests import PREVIEW, Digest

_UNSAFE_CHARACTERS = re.compile(r"[^a-z0-9.@]")
_IN_THE_THREAD = "Every table and a CSV are in the thread."


@dataclass(frozen=True, slots=True)
class SlackMessageRenderer:
    """Renders the messages of batches for Slack."""

    zone: tzinfo
    """The time zone of dates and times in messages."""
    channel_name: str
    """The digest's channel, where an owner can say that an instance is somebody else's."""

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[OutgoingMessage, ...], Mapping[str, Any]]:
        """Return the parent and its thread, and what the last word on who was told is drawn from."""
        report = digest.report
        short = all_is_well(report)
        note = "" if short else _IN_THE_THREAD
        if digest.nudges == PREVIEW:
            note = "A preview: only you were sent this."
        story = changes_text(report, digest.changes, digest.history, self.zone)
        parent = _message(
            MessageKind.PARENT,
            recipient,
            "parent",
            summary(report, self._read_at(report), note=note, changes_text=story),
        )
        if short and digest.nudges != PREVIEW:
            return (parent,), {}
        delivery_summary = self._delivery_summary(digest)
        word = replace(
            _message(MessageKind.DELIVERY_SUMMARY, recipient, "owners", before_nudges(delivery_summary)),
            label="The word on who is told",
        )
        return (
            parent,
            *self._tables(report, recipient),
            word,
            self._file(report, recipient, ()),
        ), delivery_summary.to_json()

    def nudge(self, findings: OwnerFindings, digest: Digest, last_nudge: LastNudge | None) -> OutgoingMessage:
        """Return the direct message to an owner, who was told before or not."""
        message = nudge(findings, digest.report, self.zone, self.channel_name, last_nudge)
        drawn = _message(MessageKind.NUDGE, findings.owner.user_id, "nudge", message)
        return replace(drawn, label=owner_line(findings), findings=finding_keys(findings.rows))

    def updated_nudge(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], digest: Digest) -> OutgoingMessage:
        """Return the new content of an earlier direct message, of which so much is left."""
        own = frozenset[FindingKey]().union(
            *(finding_keys(one.rows) for one in digest.owner_findings if one.owner.user_id == last_nudge.recipient)
        )
        after = NudgeUpdate(last_nudge, remaining, own, digest.report, digest.changes)
        message = (
            nudge_partly_fixed(after, self.zone, self.channel_name) if remaining else nudge_fixed(after, self.zone)
        )
        return self._edit(last_nudge, remaining, message)

    def superseded_nudge(self, last_nudge: LastNudge) -> OutgoingMessage:
        """Return the new content of an earlier direct message that a newer one replaces."""
        return self._edit(last_nudge, frozenset(), nudge_superseded(last_nudge, self.zone))

    def full_report(self, report: Report, recipient: str, owner_keys: tuple[str, ...]) -> tuple[OutgoingMessage, ...]:
        """Return the parent and its thread."""
        parent = summary(report, self._read_at(report), note=_IN_THE_THREAD, owner_keys=owner_keys)
        thread = (*self._tables(report, recipient), self._file(report, recipient, owner_keys))
        return (_message(MessageKind.PARENT, recipient, "parent", parent), *thread)

    def finalize(self, context: Mapping[str, Any], deliveries: Iterable[Delivery]) -> Mapping[str, Any] | None:
        """Return what the word on who is told says once that is known; None where it says so already."""
        settled = tuple(deliveries)
        nudges = [one for one in settled if one.kind is MessageKind.NUDGE]
        rest = [
            one
            for one in settled
            if one.kind not in {MessageKind.NUDGE, MessageKind.EDIT} and one.state is not DeliveryState.SENT
        ]
        if not nudges and not rest:
            return None
        delivery_summary = DeliverySummary.from_json(context)
        missing = tuple(map(_with_reason, rest))
        if not nudges:
            return before_nudges(replace(delivery_summary, not_delivered=missing)).to_json()
        told = tuple(one.label for one in nudges if one.state is DeliveryState.SENT)
        unknown = tuple(_with_reason(one) for one in nudges if one.state is DeliveryState.UNKNOWN)
        untold = tuple(
            _with_reason(one) for one in nudges if one.state not in {DeliveryState.SENT, DeliveryState.UNKNOWN}
        )
        settled_summary = replace(
            delivery_summary, notified=told, not_notified=untold, uncertain=unknown, not_delivered=missing
        )
        return after_nudges(settled_summary).to_json()

    def _read_at(self, report: Report) -> str:
        """Return when it was read: what is sent is kept, and may have waited for hours."""
        return date_time(report.coverage.scanned_at, self.zone)

    def _delivery_summary(self, digest: Digest) -> DeliverySummary:
        due = [one for one in digest.owner_findings if one.owner.user_id in digest.owners_due]
        known = [one for one in digest.owner_findings if one.owner.user_id not in digest.owners_due]
        return DeliverySummary(
            mode=digest.nudges,
            notified=tuple(map(owner_line, due)),
            already_notified=tuple(self._already_notified(one, digest) for one in known),
            unassigned=unassigned_lines(digest.unassigned),
            on_hold="; ".join(digest.report.plausibility_warnings),
            small_print=tuple(dated_small_print(digest.report, self.zone)),
        )

    def _already_notified(self, findings: OwnerFindings, digest: Digest) -> str:
        return already_notified_line(findings, digest.history.last_nudges[findings.owner.user_id], self.zone)

    def _edit(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], message: Message) -> OutgoingMessage:
        payload = {**message.to_json(), "channel": last_nudge.channel, "ts": last_nudge.ts}
        label = f"The new content of a message of {iso_day(last_nudge.at, self.zone)}"
        return OutgoingMessage(
            MessageKind.EDIT, last_nudge.recipient, f"edit {last_nudge.ts}", label, payload, remaining, last_nudge.ts
        )

    def _tables(self, report: Report, recipient: str) -> Iterator[OutgoingMessage]:
        for number, message in enumerate(table_messages(report, self.zone), 1):
            yield _message(MessageKind.REPLY, recipient, f"tables {number}", message)

    def _file(self, report: Report, recipient: str, owner_keys: tuple[str, ...]) -> OutgoingMessage:
        of = "".join(f"-{_UNSAFE_CHARACTERS.sub('_', one.lower())}" for one in owner_keys)
        name = f"bailiff{of[:60]}-{iso_day(report.as_of, self.zone)}.csv"
        return OutgoingMessage(
            MessageKind.FILE, recipient, "file", "The CSV", {"name": name, "content": as_csv(report)}
        )


def _message(part: MessageKind, recipient: str, name: str, message: Message) -> OutgoingMessage:
    return OutgoingMessage(part, recipient, name, message.text.removesuffix("."), message.to_json())


def _with_reason(delivery: Delivery) -> str:
    return f"{delivery.label}: {delivery.reason}"
