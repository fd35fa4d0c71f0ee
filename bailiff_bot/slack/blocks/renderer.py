"""Renders every message of a batch for Slack: the digest and its thread, nudges and their updates, the full report."""

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
        """Return the parent and its thread, and the delivery summary as JSON for `finalize`; empty if there is none."""
        report = digest.report
        one_line = all_is_well(report)
        note = "" if one_line else _IN_THE_THREAD
        if digest.nudges == PREVIEW:
            note = "A preview: only you were sent this."
        changes = changes_text(report, digest.changes, digest.history, self.zone)
        parent = _message(
            MessageKind.PARENT,
            recipient,
            "parent",
            summary(report, self._read_at(report), note=note, changes_text=changes),
        )
        if one_line and digest.nudges != PREVIEW:
            return (parent,), {}
        delivery_summary = self._delivery_summary(digest)
        summary_message = replace(
            _message(MessageKind.DELIVERY_SUMMARY, recipient, "owners", before_nudges(delivery_summary)),
            label="The word on who is told",
        )
        return (
            parent,
            *self._tables(report, recipient),
            summary_message,
            self._file(report, recipient, ()),
        ), delivery_summary.to_json()

    def nudge(self, findings: OwnerFindings, digest: Digest, last_nudge: LastNudge | None) -> OutgoingMessage:
        """Return the direct message to an owner; `last_nudge` is the one before, or None."""
        message = nudge(findings, digest.report, self.zone, self.channel_name, last_nudge)
        outgoing = _message(MessageKind.NUDGE, findings.owner.user_id, "nudge", message)
        return replace(outgoing, label=owner_line(findings), findings=finding_keys(findings.rows))

    def updated_nudge(self, last_nudge: LastNudge, remaining: frozenset[FindingKey], digest: Digest) -> OutgoingMessage:
        """Return the new content of an earlier nudge, of which the findings `remaining` are still listed."""
        own = frozenset[FindingKey]().union(
            *(
                finding_keys(findings.rows)
                for findings in digest.owner_findings
                if findings.owner.user_id == last_nudge.recipient
            )
        )
        update = NudgeUpdate(last_nudge, remaining, own, digest.report, digest.changes)
        message = (
            nudge_partly_fixed(update, self.zone, self.channel_name) if remaining else nudge_fixed(update, self.zone)
        )
        return self._edit(last_nudge, remaining, message)

    def superseded_nudge(self, last_nudge: LastNudge) -> OutgoingMessage:
        """Return the new content of an earlier nudge that a newer one replaces."""
        return self._edit(last_nudge, frozenset(), nudge_superseded(last_nudge, self.zone))

    def full_report(self, report: Report, recipient: str, owner_keys: tuple[str, ...]) -> tuple[OutgoingMessage, ...]:
        """Return the parent and its thread, of everyone's instances or of those of `owner_keys`."""
        parent = summary(report, self._read_at(report), note=_IN_THE_THREAD, owner_keys=owner_keys)
        thread = (*self._tables(report, recipient), self._file(report, recipient, owner_keys))
        return (_message(MessageKind.PARENT, recipient, "parent", parent), *thread)

    def finalize(self, context: Mapping[str, Any], deliveries: Iterable[Delivery]) -> Mapping[str, Any] | None:
        """Return the final delivery summary as JSON; None if the one that was sent is still right.

        `deliveries` are those of the batch. All of them are settled.
        """
        settled = tuple(deliveries)
        nudges = [delivery for delivery in settled if delivery.kind is MessageKind.NUDGE]
        not_delivered = tuple(
            _with_reason(delivery)
            for delivery in settled
            if delivery.kind not in {MessageKind.NUDGE, MessageKind.EDIT} and delivery.state is not DeliveryState.SENT
        )
        if not nudges and not not_delivered:
            return None
        delivery_summary = replace(DeliverySummary.from_json(context), not_delivered=not_delivered)
        if not nudges:
            return before_nudges(delivery_summary).to_json()
        sent_or_unknown = {DeliveryState.SENT, DeliveryState.UNKNOWN}
        final_summary = replace(
            delivery_summary,
            notified=tuple(nudge.label for nudge in nudges if nudge.state is DeliveryState.SENT),
            not_notified=tuple(_with_reason(nudge) for nudge in nudges if nudge.state not in sent_or_unknown),
            uncertain=tuple(_with_reason(nudge) for nudge in nudges if nudge.state is DeliveryState.UNKNOWN),
        )
        return after_nudges(final_summary).to_json()

    def _read_at(self, report: Report) -> str:
        """Return when the report's scan was: an absolute time, because the message may be read hours later."""
        return date_time(report.coverage.scanned_at, self.zone)

    def _delivery_summary(self, digest: Digest) -> DeliverySummary:
        due = [findings for findings in digest.owner_findings if findings.owner.user_id in digest.owners_due]
        not_due = [findings for findings in digest.owner_findings if findings.owner.user_id not in digest.owners_due]
        return DeliverySummary(
            mode=digest.nudges,
            notified=tuple(map(owner_line, due)),
            already_notified=tuple(self._already_notified(findings, digest) for findings in not_due),
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
        owners = "".join(f"-{_UNSAFE_CHARACTERS.sub('_', owner_key.lower())}" for owner_key in owner_keys)
        name = f"bailiff{owners[:60]}-{iso_day(report.as_of, self.zone)}.csv"
        return OutgoingMessage(
            MessageKind.FILE, recipient, "file", "The CSV", {"name": name, "content": as_csv(report)}
        )


def _message(kind: MessageKind, recipient: str, name: str, message: Message) -> OutgoingMessage:
    return OutgoingMessage(kind, recipient, name, message.text.removesuffix("."), message.to_json())


def _with_reason(delivery: Delivery) -> str:
    return f"{delivery.label}: {delivery.reason}"
