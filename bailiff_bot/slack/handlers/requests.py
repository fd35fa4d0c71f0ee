"""Answers commands, clicks and the Home tab. Called in worker threads, after the acknowledgement."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

import structlog
from slack_sdk import WebClient
from slackblocks import Button

from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.report import Report
from bailiff_bot.errors import Ambiguous, Refused, SlackError
from bailiff_bot.messages.wording import age, date_time
from bailiff_bot.slack.blocks import owner_messages
from bailiff_bot.slack.blocks.message import Message, blocks, paragraph
from bailiff_bot.slack.blocks.summary import ALL_OWNERS, full_report_button, share_button, summary
from bailiff_bot.slack.client.channels import is_internal
from bailiff_bot.slack.client.replies import reply
from bailiff_bot.slack.client.users import Caller, SlackUsers
from bailiff_bot.slack.client.web import call
from bailiff_bot.slack.handlers import commands
from bailiff_bot.slack.handlers.commands import usage
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.reports import OwnInstances, Reports

log = structlog.get_logger()

_FIRST_SCAN = "Looking at every region for the first time; the answer comes in a moment."

Reply = Callable[[Message], None]
"""Shows a message to the user who asked, and to nobody else."""


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """The user and the channel of a request."""

    user_id: str
    channel_id: str
    response_url: str
    """The address for answers; empty for the Home tab, which is itself the answer."""


@dataclass(frozen=True, slots=True)
class RequestHandlers:
    """Answers requests. Uses the use cases and the users of the workspace."""

    client: WebClient
    reports: Reports
    users: SlackUsers
    digests: Digests
    in_background: Callable[[SlackRequest, Callable[[], None]], None]
    """Makes an answer in a worker thread. No worker waits for a scan, because there are few workers."""
    zone: tzinfo
    """The time zone of dates and times in answers."""

    def command(self, text: str, request: SlackRequest) -> None:
        """Answer `/bailiff` with the text typed after it; raises SlackError if Slack does not accept the answer."""
        reply_with = partial(reply, request.response_url)
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            reply_with(refusal(caller))
            return
        match commands.parse(text):
            case commands.ReportCommand():
                self._after_first_scan(request, partial(self._report, request, reply_with))
            case commands.MineCommand(identifier):
                self._after_first_scan(request, partial(self._mine, caller, identifier, reply_with))
            case commands.HelpCommand():
                reply_with(usage())
            case commands.UnknownCommand(words):
                reply_with(usage(words))

    def share(self, request: SlackRequest) -> None:
        """Post the report into the channel for everybody, and remove the button."""
        reply_with = partial(reply, request.response_url)
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            reply_with(refusal(caller))
        elif not is_internal(self.client, request.channel_id):
            raise Refused(
                "This is no internal channel, or a private one that the bot is not in: invite it there first."
            )
        else:
            report = self.reports.current()
            note = "Shared in this channel."
            try:
                shared = summary(
                    report, date_time(report.coverage.scanned_at, self.zone), note=f"Shared by {caller.name}."
                )
                reply_with(shared, in_channel=True)
            except Ambiguous as error:
                note = f"Look whether it was shared in this channel. {error}."
            try:
                reply_with(self._summary(report, (full_report_button(),), note), replace=True)
            except SlackError as error:  # not raised: after an error, a second click would share again
                log.error("button.removal_failed", reason=str(error))

    def full_report(self, owner_key: str, request: SlackRequest) -> None:
        """Send all tables and the CSV to the user in a direct message, and remove the buttons."""
        reply_with = partial(reply, request.response_url)
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            reply_with(refusal(caller))
            return
        report, owner_keys, render = self._requested_report(owner_key)
        reply_with(render(note="The full report is on its way to your conversation with Bailiff."), replace=True)
        try:
            missing = self.digests.send_full_report(request.user_id, report, owner_keys)
        except SlackError:
            reply_with(render(buttons=True), replace=True)
            raise
        note = f"but not all of it: {'; '.join(missing)}" if missing else "with every table and a CSV"
        reply_with(render(note=f"The full report is in your conversation with Bailiff, {note}."), replace=True)

    def _requested_report(self, owner_key: str) -> tuple[Report, tuple[str, ...], Callable[..., Message]]:
        """Return the report that a button's value means, its owner keys, and the function that renders its message."""
        if owner_key != ALL_OWNERS:
            own = self.reports.by_address(owner_key) if "@" in owner_key else None
            own = own or self.reports.by_identifier(owner_key)
            return own.report, own.owner_keys, partial(self._own_message, own)
        report = self.reports.current()

        def render(note: str = "", *, buttons: bool = False) -> Message:
            return self._summary(report, (full_report_button(),) if buttons else (), note)

        return report, (), render

    def home(self, request: SlackRequest) -> None:
        """Publish a user's Home tab: the user's own instances, and the help."""
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            shown = refusal(caller).blocks
        elif not self.reports.has_snapshot:
            shown = sentence(_FIRST_SCAN).blocks
            self.reports.after_next_scan(partial(self.in_background, request, partial(self.home, request)))
        else:
            own = self.reports.by_address(caller.address) if caller.address else None
            scanned_at = date_time(own.report.coverage.scanned_at, self.zone) if own else ""
            shown = (*(owner_messages.mine(own, scanned_at).blocks if own else ()), *usage().blocks)
        call(self.client, "views_publish", user_id=request.user_id, view={"type": "home", "blocks": list(shown)})

    def _report(self, request: SlackRequest, reply_with: Reply) -> None:
        buttons: tuple[Button, ...] = (full_report_button(),)
        with suppress(SlackError):  # the channel's readers are unknown: no button to share
            if is_internal(self.client, request.channel_id):
                buttons = (share_button(), *buttons)
        reply_with(self._summary(self.reports.current(), buttons))

    def _summary(self, report: Report, buttons: tuple[Button, ...] = (), note: str = "") -> Message:
        return summary(report, self._age(report), buttons=buttons, note=note)

    def _age(self, report: Report) -> str:
        return age(self.reports.current_time() - report.coverage.scanned_at)

    def _mine(self, caller: Caller, identifier: str | None, reply_with: Reply) -> None:
        if identifier:
            reply_with(self._own_message(self.reports.by_identifier(identifier), buttons=True))
        elif not caller.address:
            reply_with(sentence("Slack does not tell your e-mail address. Type your identifier: /bailiff mine AGR"))
        elif own := self.reports.by_address(caller.address):
            reply_with(self._own_message(own, buttons=True))
        else:
            reply_with(
                sentence(f"{self._no_identifier(caller.address)} Type your identifier instead: /bailiff mine AGR")
            )

    def _own_message(self, own: OwnInstances, note: str = "", *, buttons: bool = False) -> Message:
        return owner_messages.mine(own, self._age(own.report), buttons=buttons, note=note)

    def _no_identifier(self, address: str) -> str:
        people = self.reports.people()
        if not people.consulted:
            return "Bailiff has no people directory, so it does not know which identifier is yours."
        if people.gaps:
            return f"The directory did not answer in full ({'; '.join(people.gaps)}), and {address} is not in the rest."
        return f"The directory knows no identifier of {address}: ask whoever keeps it to add yours."

    def _after_first_scan(self, request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make an answer at once if there is a snapshot, else after the first scan."""
        if self.reports.has_snapshot:
            answer()
            return
        reply(request.response_url, sentence(_FIRST_SCAN))
        self.reports.after_next_scan(partial(self.in_background, request, answer))


def refusal(reason: NoOwner) -> Message:
    """Return the answer to a user whom Bailiff does not answer, with the reason."""
    return sentence(f"Bailiff answers full members of this workspace only; you are {reason.reason}.")


def sentence(text: str) -> Message:
    """Return a message of one sentence. Slack does not parse it for mentions and links."""
    return Message(text, blocks(paragraph(text)), text)
