"""Instances that break a rule, each with buttons: what to do about it, and what Bailiff can do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import Outcome
from bailiff_bot.domain.case import subject_of_case
from bailiff_bot.domain.offered_actions import REMEDIES, ActingAccounts, lacks_role, possible_actions
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.action_results import DoneAction
from bailiff_bot.messages.buttons import (
    delete_button,
    keep_all_button,
    keep_button,
    link_button,
    not_mine_button,
    rename_button,
    stop_all_button,
    stop_button,
    why_button,
)
from bailiff_bot.messages.document import Button, Buttons, Item
from bailiff_bot.messages.formatting import sentence_case
from bailiff_bot.messages.instance_line import console_url, instance_line
from bailiff_bot.messages.rule_texts import controller_remedy, remedy, remedy_button

KeyOf = Mapping[Subject, str]
"""The key of the offer that is made for a subject. The button that needs it is left out for others."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What an owner can do in a message."""

    keys: KeyOf
    """The keys of what is offered."""
    offered: AbstractSet[Action] = frozenset()
    """What can be done to an instance that has a key."""
    home_url: str = ""
    """Opens the Home tab, where the rest is; empty if it is not known, or is this one."""
    accounts: ActingAccounts = field(default_factory=dict)
    """By action in AWS, the accounts in which it is possible."""
    done: tuple[DoneAction, ...] = ()
    """What was done already."""

    def begun_on(self, subject: Subject) -> frozenset[Action]:
        """Return what was begun on an instance and is not done yet. It is not offered again."""
        results = (one.result for one in self.done)
        pending = (one for one in results if one.outcome is Outcome.PENDING)
        return frozenset(one.action for one in pending if one.offer.subject == subject)


def instance_items(rows: Iterable[Row], report: Report, actions: Actions) -> Iterator[Item]:
    """Yield rows that break a rule, in their order, with their buttons."""
    accounts, rows = report.coverage.account_count, tuple(rows)
    primary = next((row for row in rows if _remedy_action(row, actions) in {Action.STOP, Action.RENAME}), None)
    for number, row in enumerate(rows):
        line = (
            *instance_line(row, accounts),
            f"\n{sentence_case(_advice(row, report.policy, actions))}.{_no_role(row, actions)}",
        )
        yield Item(line, _buttons(row, actions, f"instance {number}", primary=row is primary))


def _no_role(row: Row, actions: Actions) -> str:
    """Return that Bailiff cannot do in this account what it can do in others; empty if it can."""
    action = REMEDIES.get(row.findings[0].rule)
    if action is None or not lacks_role(row, action, actions.offered, actions.accounts):
        return ""
    return f" Bailiff has no role to {action} instances of the account {row.instance.target.account}."


def _remedy_action(row: Row, actions: Actions) -> Action | None:
    """Return the action that mends the row and is offered for it; None if there is none."""
    subject = subject_of_case(row.case)
    possible = possible_actions(row, actions.offered, actions.accounts) - actions.begun_on(subject)
    mends = REMEDIES.get(row.findings[0].rule)
    return mends if subject in actions.keys and mends in possible else None


def _buttons(row: Row, actions: Actions, name: str, *, primary: bool) -> Buttons:
    """Return the remedy and, if an offer was made, what Bailiff can do: first *Keep*, the rest in the menu.

    The remedy is the primary button of the message if `primary` is true.
    """
    key = actions.keys.get(subject_of_case(row.case))
    if key is None:
        return Buttons(tuple(_link(row)), name)
    begun = actions.begun_on(subject_of_case(row.case))
    possible = possible_actions(row, actions.offered, actions.accounts) - begun
    mends = REMEDIES.get(row.findings[0].rule)
    first = (_remedy(mends, key, primary=primary),) if mends in possible else () if mends in begun else _link(row)
    keep = (keep_button(key),) if Action.KEEP in possible else ()
    others = [button(key) for action, button in _IN_MENU.items() if action in possible and action is not mends]
    return Buttons((*first, *keep), name, menu=(*others, why_button(key)))


def _remedy(action: Action, key: str, *, primary: bool) -> Button:
    if action is Action.DELETE:
        return delete_button(key)
    return (stop_button if action is Action.STOP else rename_button)(key, primary=primary)


_IN_MENU = {
    Action.RENAME: rename_button,
    Action.STOP: stop_button,
    Action.DELETE: delete_button,
    Action.NOT_MINE: not_mine_button,
}


def _advice(row: Row, policy: Policy, actions: Actions) -> str:
    """Return the remedy, without the tag that would exempt the instance: *Keep* does that."""
    if REMEDIES.get(row.findings[0].rule) in actions.begun_on(subject_of_case(row.case)):
        return "asked for already: see above"
    rule, policy = row.findings[0].rule, replace(policy, exempt_tags=())
    return controller_remedy(rule, policy) if row.controller else remedy(rule, policy)


def _link(row: Row) -> Iterator[Button]:
    if not row.controller:  # the console has no page for some of them, and to stop a machine would not help
        yield link_button(remedy_button(row.findings[0].rule), console_url(row.instance))


def all_buttons(rows: Sequence[Row], actions: Actions) -> Iterator[Buttons]:
    """Yield the buttons that do something to several of the rows at once; nothing if there are not several."""
    offered = [row for row in rows if subject_of_case(row.case) in actions.keys]
    key = min(actions.keys.values(), default="")
    buttons = []
    if Action.KEEP in actions.offered and len(actions.keys) > 1:
        buttons.append(keep_all_button(key, len(actions.keys)))
    stoppable = [row for row in offered if Action.STOP in possible_actions(row, actions.offered, actions.accounts)]
    if len(stoppable) > 1:
        buttons.append(stop_all_button(key, len(stoppable)))
    if buttons:
        yield Buttons(tuple(buttons), "keep all")
