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
from bailiff_bot.messages.wording import age, moment
from bailiff_bot.slack.blocks import owner_messages
from bailiff_bot.slack.blocks.message import Message, blocks, paragraph
from bailiff_bot.slack.blocks.summary import EVERYONE, full_report_button, share_button, summary
from bailiff_bot.slack.client.channels import is_internal
from bailiff_bot.slack.client.replies import reply
from bailiff_bot.slack.client.users import Caller, SlackRoster
from bailiff_bot.slack.client.web import call
from bailiff_bot.slack.handlers import commands
from bailiff_bot.slack.handlers.commands import usage
from bailiff_bot.usecases.digests import Digests
from bailiff_bot.usecases.reports import Bailiff, Mine

log = structlog.get_logger()

_PATIENCE = "Looking at every region for the first time; the answer comes in a moment."

Answer = Callable[[Message], None]
"""Shows a message to the person who asked, and to nobody else."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asked."""

    user_id: str
    channel_id: str
    response_url: str
    """Where answers go; empty on the Home tab, which has nowhere to say anything but itself."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The answers, over the use cases and the people of the workspace."""

    client: WebClient
    bailiff: Bailiff
    roster: SlackRoster
    digests: Digests
    later: Callable[[Place, Callable[[], None]], None]
    """Has an answer made by a worker: nobody waits for a scan in one, for they are few."""
    zone: tzinfo
    """In which an instant has a day and a time."""

    def command(self, text: str, place: Place) -> None:
        """Answer what was typed behind `/bailiff`; raises SlackError when that cannot be."""
        answer = partial(reply, place.response_url)
        caller = self.roster.caller(place.user_id)
        if isinstance(caller, NoOwner):
            answer(refusal(caller))
            return
        match commands.parse(text):
            case commands.Report():
                self._when_seen(place, partial(self._report, place, answer))
            case commands.Mine(identifier):
                self._when_seen(place, partial(self._mine, caller, identifier, answer))
            case commands.Help():
                answer(usage())
            case commands.Unknown(words):
                answer(usage(words))

    def share(self, place: Place) -> None:
        """Show everyone in the channel the report that one person looks at, and take the button away."""
        answer = partial(reply, place.response_url)
        caller = self.roster.caller(place.user_id)
        if isinstance(caller, NoOwner):
            answer(refusal(caller))
        elif not is_internal(self.client, place.channel_id):
            raise Refused(
                "This is no internal channel, or a private one that the bot is not in: invite it there first."
            )
        else:
            report = self.bailiff.report()
            note = "Shared in this channel."
            try:
                shared = summary(report, moment(report.coverage.at, self.zone), note=f"Shared by {caller.name}.")
                answer(shared, in_channel=True)
            except Ambiguous as error:
                note = f"Look whether it was shared in this channel. {error}."
            try:
                answer(self._summary(report, (full_report_button(),), note), replace=True)
            except SlackError as error:  # pressed again, the button must not share a second time
                log.error("a button that has done its work could not be taken away", reason=str(error))

    def full_report(self, whose: str, place: Place) -> None:
        """Send all tables and the CSV to the person's own conversation with the bot, and take the buttons away."""
        answer = partial(reply, place.response_url)
        caller = self.roster.caller(place.user_id)
        if isinstance(caller, NoOwner):
            answer(refusal(caller))
            return
        report, owners, drawn = self._asked_for(whose)
        answer(drawn(note="The full report is on its way to your conversation with Bailiff."), replace=True)
        try:
            missing = self.digests.full_report(place.user_id, report, owners)
        except SlackError:
            answer(drawn(buttons=True), replace=True)
            raise
        note = f"but not all of it: {'; '.join(missing)}" if missing else "with every table and a CSV"
        answer(drawn(note=f"The full report is in your conversation with Bailiff, {note}."), replace=True)

    def _asked_for(self, whose: str) -> tuple[Report, tuple[str, ...], Callable[..., Message]]:
        """Return the report that a button's value stands for, whose it is, and what draws the button's message."""
        if whose != EVERYONE:
            found = (self.bailiff.mine(whose) if "@" in whose else None) or self.bailiff.under(whose)
            return found.report, found.whose, partial(self._drawn, found)
        report = self.bailiff.report()

        def drawn(note: str = "", *, buttons: bool = False) -> Message:
            return self._summary(report, (full_report_button(),) if buttons else (), note)

        return report, (), drawn

    def home(self, place: Place) -> None:
        """Draw a person's Home tab: what is theirs, and what there is to type."""
        caller = self.roster.caller(place.user_id)
        if isinstance(caller, NoOwner):
            drawn = refusal(caller).blocks
        elif not self.bailiff.has_snapshot:
            drawn = said(_PATIENCE).blocks
            self.bailiff.when_seen(partial(self.later, place, partial(self.home, place)))
        else:
            found = self.bailiff.mine(caller.address) if caller.address else None
            own = owner_messages.mine(found, moment(found.report.coverage.at, self.zone)).blocks if found else ()
            drawn = (*own, *usage().blocks)
        call(self.client, "views_publish", user_id=place.user_id, view={"type": "home", "blocks": list(drawn)})

    def _report(self, place: Place, answer: Answer) -> None:
        buttons: tuple[Button, ...] = (full_report_button(),)
        with suppress(SlackError):  # where Slack does not say who is there, nothing is offered to be shared
            if is_internal(self.client, place.channel_id):
                buttons = (share_button(), *buttons)
        answer(self._summary(self.bailiff.report(), buttons))

    def _summary(self, report: Report, buttons: tuple[Button, ...] = (), note: str = "") -> Message:
        return summary(report, self._age(report), buttons=buttons, note=note)

    def _age(self, report: Report) -> str:
        return age(self.bailiff.now() - report.coverage.at)

    def _mine(self, caller: Caller, identifier: str | None, answer: Answer) -> None:
        if identifier:
            answer(self._drawn(self.bailiff.under(identifier), buttons=True))
        elif not caller.address:
            answer(said("Slack does not tell your e-mail address. Type your identifier: /bailiff mine AGR"))
        elif found := self.bailiff.mine(caller.address):
            answer(self._drawn(found, buttons=True))
        else:
            answer(said(f"{self._unknown(caller.address)} Type your identifier instead: /bailiff mine AGR"))

    def _drawn(self, found: Mine, note: str = "", *, buttons: bool = False) -> Message:
        return owner_messages.mine(found, self._age(found.report), buttons=buttons, note=note)

    def _unknown(self, address: str) -> str:
        people = self.bailiff.people()
        if not people.consulted:
            return "Bailiff has no people directory, so it does not know which identifier is yours."
        if people.gaps:
            return f"The directory did not answer in full ({'; '.join(people.gaps)}), and {address} is not in the rest."
        return f"The directory knows no identifier of {address}: ask whoever keeps it to add yours."

    def _when_seen(self, place: Place, then: Callable[[], None]) -> None:
        """Answer at once, or, before anything was seen of the tenant, as soon as that is."""
        if self.bailiff.has_snapshot:
            then()
            return
        reply(place.response_url, said(_PATIENCE))
        self.bailiff.when_seen(partial(self.later, place, then))


def refusal(reason: NoOwner) -> Message:
    """Return what people get who may not have an answer."""
    return said(f"Bailiff answers full members of this workspace only; you are {reason.reason}.")


def said(text: str) -> Message:
    """Return a sentence, in which nothing is read as a mention or a link."""
    return Message(text, blocks(paragraph(text)), text)
