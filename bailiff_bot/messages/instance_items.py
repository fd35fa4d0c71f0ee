"""Instances that break a rule, each with buttons: what to do about it, and what Bailiff can do."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.case import subject_of_case
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.buttons import keep_all_button, keep_button, link_button, not_mine_button, why_button
from bailiff_bot.messages.document import Button, Buttons, Item
from bailiff_bot.messages.formatting import sentence_case
from bailiff_bot.messages.instance_line import console_url, instance_line
from bailiff_bot.messages.wording import controller_remedy, remedy, remedy_button

KeyOf = Mapping[Subject, str]
"""The key of the offer that is made for a subject. The button that needs it is left out for others."""


def instance_items(rows: Iterable[Row], report: Report, keys: KeyOf, offered: AbstractSet[Action]) -> Iterator[Item]:
    """Yield rows that break a rule, in their order, with their buttons."""
    accounts = report.coverage.account_count
    for number, row in enumerate(rows):
        line = (*instance_line(row, accounts), f"\n{sentence_case(_advice(row, report.policy))}.")
        buttons = _buttons(row, keys.get(subject_of_case(row.case)), offered, f"instance {number}")
        yield Item(line, buttons)


def _buttons(row: Row, key: str | None, offered: AbstractSet[Action], name: str) -> Buttons:
    """Return the remedy and, if an offer was made, what Bailiff can do: first *Keep*, the rest in the menu."""
    if key is None:
        return Buttons(tuple(_link(row)), name)
    keep = (keep_button(key),) if Action.KEEP in offered else ()
    not_mine = (not_mine_button(key),) if Action.NOT_MINE in offered else ()
    return Buttons((*_link(row), *keep), name, menu=(*not_mine, why_button(key)))


def _advice(row: Row, policy: Policy) -> str:
    """Return the remedy, without the tag that would exempt the instance: *Keep* does that."""
    rule, policy = row.findings[0].rule, replace(policy, exempt_tags=())
    return controller_remedy(rule, policy) if row.controller else remedy(rule, policy)


def _link(row: Row) -> Iterator[Button]:
    if not row.controller:  # the console has no page for some of them, and to stop a machine would not help
        yield link_button(remedy_button(row.findings[0].rule), console_url(row.instance))


def keep_all(keys: KeyOf, offered: AbstractSet[Action]) -> Iterator[Buttons]:
    """Yield the button that keeps all that is offered; nothing if that is not several."""
    if Action.KEEP in offered and len(keys) > 1:
        yield Buttons((keep_all_button(min(keys.values()), len(keys)),), "keep all")
