"""A person types: a slash command, or plain words."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.call_log import Journal
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.interactions import payloads
from bailiff_bot.sandbox.slack.interactions.app_responses import answer, notice
from bailiff_bot.sandbox.slack.interactions.escape import escaped
from bailiff_bot.sandbox.slack.interactions.lookup import own_place, person
from bailiff_bot.sandbox.slack.interactions.result import Impossible, Outcome
from bailiff_bot.sandbox.slack.socket_mode.server import Sockets
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.workspace import Channel, Message, User, Workspace


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Where people type."""

    workspace: Workspace
    sockets: Sockets
    journal: Journal

    async def types(self, origin: str, name: str, text: str, channel_name: str) -> Outcome:
        """Type a slash command; the app has seconds to acknowledge it."""
        user = person(self.workspace, name)
        channel = own_place(self.workspace, channel_name, user)
        word, _, rest = text.partition(" ")
        if word != self.workspace.installation.command:
            raise Impossible(f"{word} is not a valid command")
        payload = payloads.command(self.workspace, origin, user, channel, escaped(rest.strip(), self.workspace))
        delivery = await self.sockets.deliver("slash_commands", payload, what=text, takes_payload=True)
        outcome = Outcome.of(delivery, payload)
        if outcome.error:
            self._tell(user, channel, f"{word} failed with the error \u201c{outcome.error}\u201d")
        elif outcome.payload:
            self._answer(user, channel, outcome)
        return outcome

    def says(self, name: str, text: str, channel_name: str, thread_ts: str | None) -> Message:
        """Say something in a channel."""
        user = person(self.workspace, name)
        channel = own_place(self.workspace, channel_name, user)
        draft = Message(channel.id, user.id, escaped(text, self.workspace), thread_ts=thread_ts)
        return self.workspace.messages.post(draft)

    def _answer(self, user: User, channel: Channel, outcome: Outcome) -> None:
        try:
            answer(self.workspace, user.id, channel.id, Arguments(outcome.payload))
        except Refused as refused:
            self.journal.failed("bad_ack", f"{refused.refusal.code}: {refused.answer()}")
            word = self.workspace.installation.command
            self._tell(user, channel, f"{word} failed with the error \u201cinvalid_command_response\u201d")

    def _tell(self, user: User, channel: Channel, text: str) -> None:
        notice(self.workspace, user.id, channel.id, text)
