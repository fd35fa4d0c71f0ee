"""Carries the digest, the full report and the nudges to where they belong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial

from slack_sdk import WebClient

from bailiff_bot.domain.owner import Debts
from bailiff_bot.domain.report import Report
from bailiff_bot.errors import Refused, SlackError
from bailiff_bot.render.export import as_csv
from bailiff_bot.render.words import all_is_well
from bailiff_bot.service import Digest, Posted, Untold
from bailiff_bot.slack.channels import digest_channel, direct_channel, is_id
from bailiff_bot.slack.message import Message
from bailiff_bot.slack.owing import nudge
from bailiff_bot.slack.owners import after_nudges, before_nudges
from bailiff_bot.slack.posting import post, update, upload
from bailiff_bot.slack.summary import summary
from bailiff_bot.slack.tables import table_messages

_UNSAFE = re.compile(r"[^a-z0-9.@]")


@dataclass(frozen=True, slots=True)
class SlackMessenger:
    """Posts as the bot; `channel` is the digest's, by id or name."""

    client: WebClient
    channel: str | None
    zone: tzinfo
    """In which the tables' dates are days."""
    clock: Callable[[], datetime]

    @property
    def _public(self) -> str:
        """Where an owner can say that an instance is somebody else's."""
        name = (self.channel or "").removeprefix("#")
        return f"#{name}" if name and not is_id(name) else "the digest's channel"

    def check(self) -> str:
        """Return the id of the digest's channel; raises Refused when the bot may not post there."""
        if not self.channel:
            raise Refused("BAILIFF_CHANNEL is not set: it should name the digest's channel", "no_channel")
        return digest_channel(self.client, self.channel)

    def post_digest(self, digest: Digest) -> Posted:
        """Post one parent message, and in its thread the tables, the word on the owners and the CSV."""
        owners = before_nudges(digest, self.clock())
        if digest.preview_for is not None:
            channel = direct_channel(self.client, digest.preview_for)
            return self._publish(channel, digest.report, owners, "A preview: only you were sent this.")
        channel = self.check()
        if all_is_well(digest.report):
            post(self.client, channel, summary(digest.report, self.clock()))
            return Posted(channel, None)
        return self._publish(channel, digest.report, owners, "Every table and a CSV are in the thread.")

    def post_report(self, user_id: str, report: Report, whose: tuple[str, ...] = ()) -> Posted:
        """Send the full report, of everyone or of some owners, into the bot's own conversation with a person."""
        channel = direct_channel(self.client, user_id)
        return self._publish(channel, report, None, "Every table and a CSV are in the thread.", whose)

    def post_nudge(self, debts: Debts, report: Report) -> None:
        """Tell one owner, in a direct message."""
        post(
            self.client,
            direct_channel(self.client, debts.owner.user_id),
            nudge(debts, report, self.clock(), self._public),
        )

    def tell_outcome(self, posted: Posted, digest: Digest, failures: tuple[Untold, ...]) -> None:
        """Put who was told in the place of who was going to be."""
        outcome = after_nudges(digest, failures, self.clock())
        if posted.outcome_ts and outcome:
            update(self.client, posted.channel, posted.outcome_ts, outcome)

    def _publish(
        self, channel: str, report: Report, owners: Message | None, note: str, whose: tuple[str, ...] = ()
    ) -> Posted:
        """Post the parent, which must arrive, then what belongs in its thread, of which one loss keeps nothing else."""
        parent = post(self.client, channel, summary(report, self.clock(), note=note, whose=whose))
        lost: list[str] = []

        def arrives(what: str, send: Callable[[], str]) -> str | None:
            try:
                return send()
            except SlackError as error:
                lost.append(f"{what} ({error})")
                return None

        for message in table_messages(report, self.clock(), self.zone):
            arrives(message.text, partial(post, self.client, channel, message, parent))
        outcome = arrives(owners.text, partial(post, self.client, channel, owners, parent)) if owners else None
        arrives("The CSV", partial(self._upload, channel, parent, report, whose))
        if lost:
            missing = Message(f"Not everything arrived in this thread. Missing: {' '.join(lost)}")
            arrives("The word on what is missing", partial(post, self.client, channel, missing, parent))
        return Posted(channel, outcome, tuple(lost))

    def _upload(self, channel: str, thread_ts: str, report: Report, whose: tuple[str, ...]) -> str:
        of = "".join(f"-{_UNSAFE.sub('_', one.lower())}" for one in whose)
        name = f"bailiff{of[:60]}-{report.at.astimezone(self.zone):%Y-%m-%d}.csv"
        upload(self.client, channel, thread_ts, name, as_csv(report))
        return name
