"""What the bot answers to a command or a click. It is called off Slack's own threads, after the acknowledgement."""

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
"""Shows a message to the person who asked, and to nobody else."""


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """Where somebody asked."""

    user_id: str
    channel_id: str
    response_url: str
    """Where answers go; empty on the Home tab, which has nowhere to say anything but itself."""


@dataclass(frozen=True, slots=True)
class RequestHandlers:
    """The answers, over the use cases and the people of the workspace."""

    client: WebClient
    reports: Reports
    users: SlackUsers
    digests: Digests
    in_background: Callable[[SlackRequest, Callable[[], None]], None]
    """Has an answer made by a worker: nobody waits for a scan in one, for they are few."""
    zone: tzinfo
    """In which an instant has a day and a time."""

    def command(self, text: str, request: SlackRequest) -> None:
        """Answer what was typed behind `/bailiff`; raises SlackError when that cannot be."""
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
        """Show everyone in the channel the report that one person looks at, and take the button away."""
        reply_with = partial(reply, request.response_url)
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            reply_with(refusal(caller))
        elif not is_internal(self.client, request.channel_id):
            raise Refused(
                "This is no internal channel, or a private one that the bot is not in: invite it there first."
            )
        else:
            report = self.reports.latest()
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
            except SlackError as error:  # pressed again, the button must not share a second time
                log.error("button.removal_failed", reason=str(error))

    def full_report(self, owner_key: str, request: SlackRequest) -> None:
        """Send all tables and the CSV to the person's own conversation with the bot, and take the buttons away."""
        reply_with = partial(reply, request.response_url)
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            reply_with(refusal(caller))
            return
        report, owners, drawn = self._requested_report(owner_key)
        reply_with(drawn(note="The full report is on its way to your conversation with Bailiff."), replace=True)
        try:
            missing = self.digests.send_full_report(request.user_id, report, owners)
        except SlackError:
            reply_with(drawn(buttons=True), replace=True)
            raise
        note = f"but not all of it: {'; '.join(missing)}" if missing else "with every table and a CSV"
        reply_with(drawn(note=f"The full report is in your conversation with Bailiff, {note}."), replace=True)

    def _requested_report(self, owner_key: str) -> tuple[Report, tuple[str, ...], Callable[..., Message]]:
        """Return the report that a button's value stands for, whose it is, and what draws the button's message."""
        if owner_key != ALL_OWNERS:
            found = (self.reports.by_address(owner_key) if "@" in owner_key else None) or self.reports.by_identifier(
                owner_key
            )
            return found.report, found.owner_keys, partial(self._own_message, found)
        report = self.reports.latest()

        def drawn(note: str = "", *, buttons: bool = False) -> Message:
            return self._summary(report, (full_report_button(),) if buttons else (), note)

        return report, (), drawn

    def home(self, request: SlackRequest) -> None:
        """Draw a person's Home tab: what is theirs, and what there is to type."""
        caller = self.users.caller(request.user_id)
        if isinstance(caller, NoOwner):
            drawn = refusal(caller).blocks
        elif not self.reports.has_snapshot:
            drawn = sentence(_FIRST_SCAN).blocks
            self.reports.after_next_scan(partial(self.in_background, request, partial(self.home, request)))
        else:
            found = self.reports.by_address(caller.address) if caller.address else None
            own = (
                owner_messages.mine(found, date_time(found.report.coverage.scanned_at, self.zone)).blocks
                if found
                else ()
            )
            drawn = (*own, *usage().blocks)
        call(self.client, "views_publish", user_id=request.user_id, view={"type": "home", "blocks": list(drawn)})

    def _report(self, request: SlackRequest, reply_with: Reply) -> None:
        buttons: tuple[Button, ...] = (full_report_button(),)
        with suppress(SlackError):  # where Slack does not say who is there, nothing is offered to be shared
            if is_internal(self.client, request.channel_id):
                buttons = (share_button(), *buttons)
        reply_with(self._summary(self.reports.latest(), buttons))

    def _summary(self, report: Report, buttons: tuple[Button, ...] = (), note: str = "") -> Message:
        return summary(report, self._age(report), buttons=buttons, note=note)

    def _age(self, report: Report) -> str:
        return age(self.reports.now() - report.coverage.scanned_at)

    def _mine(self, caller: Caller, identifier: str | None, reply_with: Reply) -> None:
        if identifier:
            reply_with(self._own_message(self.reports.by_identifier(identifier), buttons=True))
        elif not caller.address:
            reply_with(sentence("Slack does not tell your e-mail address. Type your identifier: /bailiff mine AGR"))
        elif found := self.reports.by_address(caller.address):
            reply_with(self._own_message(found, buttons=True))
        else:
            reply_with(
                sentence(f"{self._no_identifier(caller.address)} Type your identifier instead: /bailiff mine AGR")
            )

    def _own_message(self, found: OwnInstances, note: str = "", *, buttons: bool = False) -> Message:
        return owner_messages.mine(found, self._age(found.report), buttons=buttons, note=note)

    def _no_identifier(self, address: str) -> str:
        people = self.reports.people()
        if not people.consulted:
            return "Bailiff has no people directory, so it does not know which identifier is yours."
        if people.gaps:
            return f"The directory did not answer in full ({'; '.join(people.gaps)}), and {address} is not in the rest."
        return f"The directory knows no identifier of {address}: ask whoever keeps it to add yours."

    def _after_first_scan(self, request: SlackRequest, then: Callable[[], None]) -> None:
        """Answer at once, or, before anything was seen of the tenant, as soon as that is."""
        if self.reports.has_snapshot:
            then()
            return
        reply(request.response_url, sentence(_FIRST_SCAN))
        self.reports.after_next_scan(partial(self.in_background, request, then))


def refusal(reason: NoOwner) -> Message:
    """Return what people get who may not have an answer."""
    return sentence(f"Bailiff answers full members of this workspace only; you are {reason.reason}.")


def sentence(text: str) -> Message:
    """Return a sentence, in which nothing is read as a mention or a link."""
    return Message(text, blocks(paragraph(text)), text)
