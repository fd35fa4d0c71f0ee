"""Answers `/bailiff delegate` and `/bailiff delegates`."""

from dataclasses import dataclass

from bailiff_bot.domain.audit import Person
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.messages.document import Document, sentence
from bailiff_bot.slack.client.users import Caller, SlackUsers
from bailiff_bot.slack.handlers.command_text import DelegationCommand
from bailiff_bot.slack.handlers.delegate_words import DelegateCommand, DelegatesCommand, EndDelegationCommand
from bailiff_bot.slack.handlers.typed_words import Mention
from bailiff_bot.usecases.delegating import Delegating, Wanted


@dataclass(frozen=True, slots=True)
class DelegateCommands:
    """Answers the commands. `users` says who may become a delegate."""

    delegating: Delegating
    users: SlackUsers

    def answer(self, command: DelegationCommand, caller: Caller) -> Document:
        """Do what a command says, and return the answer. Raises SlackError and StoreError."""
        owner = Person(caller.user_id, caller.name, caller.address)
        match command:
            case DelegateCommand(user):
                return self.delegating.begin(owner, self._wanted(command, user))
            case EndDelegationCommand(user):
                return self.delegating.end_of(owner, user.user_id, _called(user))
            case DelegatesCommand():
                return self.delegating.list_of(caller.user_id)
        return sentence(command.answer)

    def _wanted(self, command: DelegateCommand, user: Mention) -> Wanted:
        found = self.users.find(user.user_id)
        delegate = found if isinstance(found, NoOwner) else Owner(found.user_id, found.name)
        return Wanted(user.user_id, delegate, _called(user), command.time, command.identifier)


def _called(user: Mention) -> str:
    return f"@{user.name}" if user.name else "That person"
