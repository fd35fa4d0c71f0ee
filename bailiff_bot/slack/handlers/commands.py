"""The handler of the command `/bailiff`."""

from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.audit import Person
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.report_filter import ReportQuery, View
from bailiff_bot.messages.answers import no_address, no_member
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.slack.client.users import Caller
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.brake_words import BrakeCommand, WrongBrakeCommand
from bailiff_bot.slack.handlers.command_text import (
    HelpCommand,
    QueryCommand,
    TooManyFilters,
    UnknownCommand,
    UnknownFilter,
    WhyCommand,
    WrongCost,
    parse,
)
from bailiff_bot.slack.handlers.delegate_command import DelegateCommands
from bailiff_bot.slack.handlers.delegate_words import (
    DelegateCommand,
    DelegatesCommand,
    EndDelegationCommand,
    WrongDelegateCommand,
)
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.slack.handlers.typed_filter import wrong_filters
from bailiff_bot.slack.handlers.typed_words import Mention
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.braking import Braking
from bailiff_bot.usecases.delegating import Delegating
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.explain import Explain

COMMAND = "/bailiff"


def register(  # noqa: PLR0913, PLR0917 - the use cases of the commands
    app: App,
    background: Background,
    responder: Responder,
    answers: Answers,
    explain: Explain,
    exemption_lists: ExemptionLists,
    delegating: Delegating,
    braking: Braking,
) -> None:
    """Register the handler of the command."""
    delegates = DelegateCommands(delegating, responder.users)
    handler = _CommandHandler(background, responder, answers, explain, exemption_lists, delegates, braking)

    @app.command(COMMAND)
    def command(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        request = SlackRequest.from_payload(body)
        background.run(request, partial(handler.answer, request))


@dataclass(frozen=True, slots=True)
class _CommandHandler:
    background: Background
    responder: Responder
    answers: Answers
    explain: Explain
    exemption_lists: ExemptionLists
    delegates: DelegateCommands
    braking: Braking

    def answer(self, request: SlackRequest) -> None:
        if caller := self.responder.member(request):
            self.responder.answer(request, self._document(request, caller))

    def _document(self, request: SlackRequest, caller: Caller) -> Document:
        match parse(request.text):
            case (HelpCommand() | UnknownCommand()) as command:
                return self.answers.help(command.words if isinstance(command, UnknownCommand) else None)
            case UnknownFilter(word):
                return self.answers.unknown_filter(word)
            case (WrongCost() | TooManyFilters()) as wrong:
                return wrong_filters(wrong)
            case (BrakeCommand() | WrongBrakeCommand()) as command:
                return self._brake(command, caller)
            case (DelegatesCommand() | EndDelegationCommand() | WrongDelegateCommand()) as command:
                return self.delegates.answer(command, caller)
            case command:
                return self.answers.when_ready(partial(self._answer_after, request)) or self._answer(
                    command, request, caller
                )

    def _brake(self, command: BrakeCommand | WrongBrakeCommand, caller: Caller) -> Document:
        if isinstance(command, WrongBrakeCommand):
            return sentence(command.answer)
        if command.is_on is None:
            return self.braking.show(caller.user_id)
        return self.braking.switch(Person(caller.user_id, caller.name, caller.address), is_on=command.is_on)

    def _answer_after(self, request: SlackRequest, scan: Future[Any]) -> None:
        self.background.run_after(scan, request, partial(self.answer, request))

    def _answer(
        self, command: QueryCommand | WhyCommand | DelegateCommand, request: SlackRequest, caller: Caller
    ) -> Document:
        if isinstance(command, DelegateCommand):
            return self.delegates.answer(command, caller)
        if isinstance(command, WhyCommand):
            return self.explain.answer(command.subject, caller.user_id)[0]
        return self._report(command, request, caller)

    def _report(self, command: QueryCommand, request: SlackRequest, caller: Caller) -> Document:
        query = self._with_owners(command, caller)
        if isinstance(query, Document):
            return query
        if query.view is View.EXEMPTIONS:
            return self.exemption_lists.answer(query, caller.user_id, caller.address)
        if query.view is View.MINE:
            return self.answers.mine(query, caller.user_id, caller.address)
        return self.answers.answer(query, shareable=self.responder.can_share(request))

    def _with_owners(self, command: QueryCommand, caller: Caller) -> ReportQuery | Document:
        """Return the query with the addresses of its users; of who asks, if `mine` names nobody."""
        query, owners = command.query, command.query.filter.owners
        for user in command.users:
            address = self._address(user, query.view)
            if isinstance(address, Document):
                return address
            owners += (address,)
        if query.view is View.MINE and not owners:
            if not caller.address:
                return no_address(query.view)
            owners = (caller.address,)
        return replace(query, filter=replace(query.filter, owners=tuple(dict.fromkeys(owners))))

    def _address(self, user: Mention, view: View) -> str | Document:
        """Return the e-mail address of a user, or the sentence that says why there is none."""
        found, name = self.responder.users.find(user.user_id), f"@{user.name}" if user.name else "That person"
        if isinstance(found, NoOwner):
            return no_member(name, found, view)
        return found.address or no_address(view, name)
