"""Draws all that is sent: the digest and its thread, the direct messages and what becomes of them, the full report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from bailiff_bot.domain.delivery import Delivery, Draft, Part, State
from bailiff_bot.domain.history import FindingKey, Nudged, keys_of
from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.changes_text import story_of
from bailiff_bot.messages.wording import all_is_well, kept_small_print, moment
from bailiff_bot.render.columns import day
from bailiff_bot.render.export import as_csv
from bailiff_bot.slack.blocks.delivery_summary import (
    Roll,
    after_nudges,
    before_nudges,
    label_of,
    quiet_line,
    unclaimed_lines,
)
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.blocks.owner_messages import Aftermath, nudge, nudge_left, nudge_settled, nudge_superseded
from bailiff_bot.slack.blocks.summary import summary
from bailiff_bot.slack.blocks.tables import table_messages
from bailiff_bot.slack.client.channels import is_id
from bailiff_bot.slack.client.transport import payload_of
from bailiff_bot.usecases.digests import PREVIEW, Digest

_UNSAFE = re.compile(r"[^a-z0-9.@]")
_IN_THE_THREAD = "Every table and a CSV are in the thread."


@dataclass(frozen=True, slots=True)
class SlackPen:
    """Draws for Slack; `channel` is the digest's, by id or name."""

    zone: tzinfo
    """In which an instant has a day and a time."""
    channel: str | None

    @property
    def _public(self) -> str:
        """Where an owner can say that an instance is somebody else's."""
        name = (self.channel or "").removeprefix("#")
        return f"#{name}" if name and not is_id(name) else "the digest's channel"

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[Draft, ...], Mapping[str, Any]]:
        """Return the parent and its thread, and what the last word on who was told is drawn from."""
        report = digest.report
        short = all_is_well(report)
        note = "" if short else _IN_THE_THREAD
        if digest.nudges == PREVIEW:
            note = "A preview: only you were sent this."
        story = story_of(report, digest.changes, digest.memory, self.zone)
        parent = _draft(Part.PARENT, recipient, "parent", summary(report, self._when(report), note=note, story=story))
        if short and digest.nudges != PREVIEW:
            return (parent,), {}
        roll = self._roll(digest)
        word = replace(_draft(Part.ROLL, recipient, "owners", before_nudges(roll)), label="The word on who is told")
        return (parent, *self._tables(report, recipient), word, self._file(report, recipient, ())), roll.to_json()

    def nudge(self, debts: Debts, digest: Digest, nudged: Nudged | None) -> Draft:
        """Return the direct message to an owner, who was told before or not."""
        message = nudge(debts, digest.report, self.zone, self._public, nudged)
        drawn = _draft(Part.NUDGE, debts.owner.user_id, "nudge", message)
        return replace(drawn, label=label_of(debts), findings=keys_of(debts.rows))

    def amended(self, nudged: Nudged, left: frozenset[FindingKey], digest: Digest) -> Draft:
        """Return the new content of an earlier direct message, of which so much is left."""
        own = frozenset[FindingKey]().union(
            *(keys_of(one.rows) for one in digest.debts if one.owner.user_id == nudged.recipient)
        )
        after = Aftermath(nudged, left, own, digest.report, digest.changes)
        message = nudge_left(after, self.zone, self._public) if left else nudge_settled(after, self.zone)
        return self._edit(nudged, left, message)

    def superseded(self, nudged: Nudged) -> Draft:
        """Return the new content of an earlier direct message that a newer one replaces."""
        return self._edit(nudged, frozenset(), nudge_superseded(nudged, self.zone))

    def full_report(self, report: Report, recipient: str, whose: tuple[str, ...]) -> tuple[Draft, ...]:
        """Return the parent and its thread."""
        parent = summary(report, self._when(report), note=_IN_THE_THREAD, whose=whose)
        thread = (*self._tables(report, recipient), self._file(report, recipient, whose))
        return (_draft(Part.PARENT, recipient, "parent", parent), *thread)

    def last_word(self, context: Mapping[str, Any], deliveries: Iterable[Delivery]) -> Mapping[str, Any] | None:
        """Return what the word on who is told says once that is known; None where it says so already."""
        settled = tuple(deliveries)
        nudges = [one for one in settled if one.part is Part.NUDGE]
        rest = [one for one in settled if one.part not in {Part.NUDGE, Part.EDIT} and one.state is not State.SENT]
        if not nudges and not rest:
            return None
        roll = Roll.from_json(context)
        missing = tuple(map(_with_reason, rest))
        if not nudges:
            return payload_of(before_nudges(replace(roll, missing=missing)))
        told = tuple(one.label for one in nudges if one.state is State.SENT)
        unknown = tuple(_with_reason(one) for one in nudges if one.state is State.UNKNOWN)
        untold = tuple(_with_reason(one) for one in nudges if one.state not in {State.SENT, State.UNKNOWN})
        return payload_of(after_nudges(replace(roll, told=told, untold=untold, unknown=unknown, missing=missing)))

    def _when(self, report: Report) -> str:
        """Return when it was read: what is sent is kept, and may have waited for hours."""
        return moment(report.coverage.at, self.zone)

    def _roll(self, digest: Digest) -> Roll:
        due = [one for one in digest.debts if one.owner.user_id in digest.due]
        known = [one for one in digest.debts if one.owner.user_id not in digest.due]
        return Roll(
            mode=digest.nudges,
            told=tuple(map(label_of, due)),
            quiet=tuple(self._quiet(one, digest) for one in known),
            unclaimed=unclaimed_lines(digest.unclaimed),
            waiting="; ".join(digest.report.doubts),
            closing=tuple(kept_small_print(digest.report, self.zone)),
        )

    def _quiet(self, debts: Debts, digest: Digest) -> str:
        return quiet_line(debts, digest.memory.nudged[debts.owner.user_id], self.zone)

    def _edit(self, nudged: Nudged, left: frozenset[FindingKey], message: Message) -> Draft:
        payload = {**payload_of(message), "channel": nudged.channel, "ts": nudged.ts}
        label = f"The new content of a message of {day(nudged.at, self.zone)}"
        return Draft(Part.EDIT, nudged.recipient, f"edit {nudged.ts}", label, payload, left, nudged.ts)

    def _tables(self, report: Report, recipient: str) -> Iterator[Draft]:
        for number, message in enumerate(table_messages(report, self.zone), 1):
            yield _draft(Part.REPLY, recipient, f"tables {number}", message)

    def _file(self, report: Report, recipient: str, whose: tuple[str, ...]) -> Draft:
        of = "".join(f"-{_UNSAFE.sub('_', one.lower())}" for one in whose)
        name = f"bailiff{of[:60]}-{day(report.at, self.zone)}.csv"
        return Draft(Part.FILE, recipient, "file", "The CSV", {"name": name, "content": as_csv(report)})


def _draft(part: Part, recipient: str, name: str, message: Message) -> Draft:
    return Draft(part, recipient, name, message.text.removesuffix("."), payload_of(message))


def _with_reason(delivery: Delivery) -> str:
    return f"{delivery.label}: {delivery.reason}"
