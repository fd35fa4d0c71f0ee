"""The use case that gives an instance a name: decided at the click, and again when the form is sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bailiff_bot.domain.action import Action, ActionInput, CurrentInstance, Done
from bailiff_bot.domain.action_limits import MAX_NAME_LENGTH
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.aws_step import Actor, StepResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.identity import People, identifier_in_name
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.acting import Acting, new_action_id
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions
from bailiff_bot.usecases.forms import Forms

NAME_TAG = "Name"


@dataclass(frozen=True, slots=True)
class RenameForm:
    """What is asked before an instance is renamed."""

    click: Click
    offer: Offer
    initial: str
    """The name that is filled in: the identifier, a hyphen, and the old name."""
    identifiers: tuple[str, ...]
    """With which the new name may start; empty for an administrator, who may give it to anybody."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """Renames instances."""

    decisions: Decisions
    forms: Forms
    acting: Acting
    ec2: Ec2Actions
    people: Callable[[], People]
    """Returns the directory's answer in the latest snapshot."""

    def form(self, asker: Asker, click: Click) -> RenameForm | NotDone:
        """Return what to ask somebody who clicked *Rename*, unless it is refused. Raises StoreError."""
        offer = self.decisions.offers.get(click.offer)
        if offer is None:
            return self.decisions.unknown(asker, Action.RENAME)
        asked = self.decisions.ask(asker, offer, Action.RENAME)
        if refused := self.decisions.refused(asked):
            return refused
        self.forms.save(click)
        own = tuple(sorted(asked.request.person.identifiers))
        return RenameForm(click, offer, _initial(asked, own), () if asked.request.person.is_admin else own)

    def is_wrong(self, name: str) -> bool:
        """Return True if a name is wrong whoever asks: it has no identifier that is known, or is too long.

        The directory is the one of the latest snapshot, so that this is quick.
        """
        found = identifier_in_name(name.strip(), self.decisions.limits.not_identifiers)
        if found is None or len(name.strip()) > MAX_NAME_LENGTH:
            return True
        people = self.people()
        return people.complete and found not in people.addresses

    def rename(self, asker: Asker, offer_key: str, name: str) -> ActionResult | NotDone:
        """Rename an instance, unless it is refused. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        if offer is None:
            return self.decisions.unknown(asker, Action.RENAME)
        asked = _once(self.decisions.ask(asker, offer, Action.RENAME, ActionInput(name=name.strip())))
        return self.decisions.refused(asked) or self._carry_out(asked)

    def _carry_out(self, asked: Asked) -> ActionResult | NotDone:
        name = asked.request.input.name
        result = asked.result(new_action_id(), reason=name, outcome=Outcome.PENDING)
        before = {"name": asked.row.instance.name or ""}
        refused = self.acting.begin(asked, result, before=before, after={"name": name})
        return refused or self.acting.call(asked, result, partial(self._rename, asked.offer, name))

    def _rename(self, offer: Offer, name: str, actor: Actor) -> StepResult:
        return self.ec2.tag(actor, offer.subject.target, offer.subject.id, NAME_TAG, name)


def _once(asked: Asked) -> Asked:
    """Return what is asked for as done, if the instance has this name already: the same click may come again."""
    found = asked.request.instance
    if not isinstance(found, CurrentInstance) or found.name != asked.request.input.name:
        return asked
    return replace(asked, request=replace(asked.request, done=Done.YES))


def _initial(asked: Asked, own: tuple[str, ...]) -> str:
    """Return the name to fill in: the identifier in lower case, and what the name says besides."""
    name = (asked.row.instance.name or "").strip()
    identifier = own[0].lower() if own else ""
    if not identifier or identifier_in_name(name) in own:
        return name[:MAX_NAME_LENGTH]
    return f"{identifier}-{name}"[:MAX_NAME_LENGTH]
