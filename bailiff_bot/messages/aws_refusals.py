"""Why an action in AWS is not done, from what was read at the click: one sentence each, with what to do instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bailiff_bot.domain.action import AWS_ACTIONS, Action, Brake, CurrentInstance, Lifecycle, Refusal, Request
from bailiff_bot.domain.action_limits import MAX_NAME_LENGTH
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.messages.formatting import plural

_HOUR = timedelta(hours=1)
_ROLE_SETTINGS = {Action.DELETE: "BAILIFF_DELETE_ROLE_ARNS"}
_IMPLAUSIBLE = "The last scan is not plausible, so nothing is changed in AWS for now: try again after the next scan."
_BRAKES = {
    Brake.PERSON: "You reached a limit of the last 24 hours: /bailiff brake says when it ends, and who may lift it.",
    Brake.IMPLAUSIBLE: _IMPLAUSIBLE,
}
_BRAKE_OF_ALL = "An administrator put the brake on, or the limit of all people is reached: /bailiff brake says which."
_IN_CONSOLE = "in the AWS console under Actions, Instance settings"


@dataclass(frozen=True, slots=True)
class RefusalFacts:
    """What a sentence says besides the reason."""

    request: Request | None = None
    """What was asked for, with the instance as it was read; None if that is not known."""
    owner_settled: timedelta = timedelta(hours=24)
    """For so long scans must have shown an owner who stops, renames or deletes."""
    account: str = ""
    """The account that has no role for the action; empty if it has one, or the action is not offered at all."""

    console_url: str = ""
    """The address of the instance in the AWS console; empty if it was not read."""
    why_unread: str = ""
    """Why the role of the action could not read the instance, without the full stop; empty if it could."""

    @property
    def instance(self) -> CurrentInstance | None:
        """The instance as it was read; None if it was not."""
        found = self.request.instance if self.request else None
        return found if isinstance(found, CurrentInstance) else None


NO_FACTS = RefusalFacts()


IN_CONSOLE = frozenset({Refusal.NOT_STOPPABLE, Refusal.PROTECTED, Refusal.SPOT_REQUEST})
"""Refusals after which only the AWS console helps."""


def aws_refusal(action: Action, reason: Refusal, facts: RefusalFacts) -> str:
    """Return the sentence for an action in AWS; empty if the general one says it as well."""
    sentence = _SENTENCES.get(reason)
    return sentence(action, facts) if sentence and action in AWS_ACTIONS else ""


def _cannot_check(_action: Action, _facts: RefusalFacts) -> str:
    return (
        "Slack or the people directory did not confirm that it is yours, so nothing was done: "
        "try again in a minute, and make sure that your e-mail address is confirmed in Slack."
    )


def _not_enabled(action: Action, facts: RefusalFacts) -> str:
    if not facts.account:
        return ""
    setting = _ROLE_SETTINGS.get(action, "BAILIFF_ACTION_ROLE_ARNS")
    return (
        f"Bailiff has no role for this in account {facts.account}: use the AWS console, "
        f"or ask an administrator to add one to {setting}."
    )


def _unread(_: Action, facts: RefusalFacts) -> str:
    if not facts.why_unread:
        return ""
    return f"AWS did not show the instance to the role of Bailiff, so nothing was done: {facts.why_unread}."


def _too_new(_: Action, facts: RefusalFacts) -> str:
    left = facts.owner_settled - (facts.request.person.owner_for if facts.request else timedelta())
    needed, wait = (plural(max(1, -(-time // _HOUR)), "hour") for time in (facts.owner_settled, left))
    return f"Scans must have shown this owner for {needed}: try again in {wait}, or ask an administrator."


def _managed(action: Action, _: RefusalFacts) -> str:
    return "Its controller gives it its name: change the name there instead." if action is Action.RENAME else ""


def _wrong_state(action: Action, facts: RefusalFacts) -> str:
    if action is Action.DELETE:
        return "It is not stopped: stop it first, and delete it once it has been stopped for long enough."
    if facts.instance and facts.instance.state is not InstanceState.STOPPED:
        return ""
    return "It is stopped already, so there is nothing to stop."


def _not_stoppable(_: Action, facts: RefusalFacts) -> str:
    if facts.instance and facts.instance.lifecycle is Lifecycle.SPOT_ONE_TIME:
        return "AWS cannot stop a one-time spot instance: terminate it in the AWS console if nobody needs it."
    if facts.instance and facts.instance.has_instance_store_root:
        return (
            "AWS cannot stop an instance whose root disk is an instance store: save its data, "
            "and terminate it in the AWS console if nobody needs it."
        )
    return ""


def _protected(action: Action, facts: RefusalFacts) -> str:
    found = facts.instance
    is_stop = action is Action.STOP or (found is not None and found.is_stop_protected)
    is_termination = action is Action.DELETE and (found is None or found.is_termination_protected)
    kinds = [kind for kind, applies in (("stop", is_stop), ("termination", is_termination)) if applies]
    names = " and ".join(f"{kind} protection" for kind in kinds)
    return f"AWS refuses this because of its {names}: switch that off {_IN_CONSOLE}, then try again."


def _brake(_: Action, facts: RefusalFacts) -> str:
    return _BRAKES.get(facts.request.brake, _BRAKE_OF_ALL) if facts.request else _BRAKE_OF_ALL


def _input(action: Action, facts: RefusalFacts) -> str:
    if action is Action.DELETE:
        id_text = f" ({facts.instance.id})" if facts.instance else ""
        return f"What was typed is neither its name nor its id: type one of them to confirm{id_text}."
    if action is Action.STOP:
        return ""
    return (
        f"This name cannot be used: start it with {_allowed_identifiers(facts)}, as in agr-web, "
        f"and use at most {MAX_NAME_LENGTH} characters."
    )


def _allowed_identifiers(facts: RefusalFacts) -> str:
    person = facts.request.person if facts.request else None
    if person and person.is_admin:
        return "the identifier of somebody whom the directory knows"
    return " or ".join(sorted(person.identifiers)) if person and person.identifiers else "your identifier"


_SENTENCES: Mapping[Refusal, Callable[[Action, RefusalFacts], str]] = {
    Refusal.CANNOT_CHECK_YOU: _cannot_check,
    Refusal.NOT_ENABLED: _not_enabled,
    Refusal.UNREAD: _unread,
    Refusal.OWNER_TOO_NEW: _too_new,
    Refusal.MANAGED: _managed,
    Refusal.WRONG_STATE: _wrong_state,
    Refusal.NOT_STOPPABLE: _not_stoppable,
    Refusal.PROTECTED: _protected,
    Refusal.BRAKE: _brake,
    Refusal.INPUT: _input,
}
