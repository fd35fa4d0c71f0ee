"""The direct message that tells somebody whose instances belong to others now."""

from collections.abc import Sequence
from datetime import tzinfo

from bailiff_bot.domain.owner_change import OwnerChange
from bailiff_bot.messages.document import Buttons, Document, Item, Link, SmallPrint
from bailiff_bot.messages.formatting import date_time, display_name, plural, visible
from bailiff_bot.messages.instance_line import subject_url

_REST_IN = "in /bailiff why, for each instance"


def owner_change_message(changes: Sequence[OwnerChange], zone: tzinfo, ask_in: str, settled_hours: int) -> Document:
    """Return the message about changes, all of one former owner.

    `ask_in` is where people ask who owns an instance. `settled_hours` is for how long an owner must have been shown
    before that person may change something in AWS.
    """
    items = tuple(_item(number, one, zone) for number, one in enumerate(changes))
    notes = SmallPrint((_advice(ask_in), _limit(settled_hours), "You get this message because you owned what changed."))
    if len(changes) == 1:
        return Document(f"{_sentence(changes[0])}.", "", (*items, notes), _REST_IN)
    text = f"{plural(len(changes), 'instance')} that you owned belong to others now"
    return Document(f"{text}.", text, (*items, notes), _REST_IN)


def _item(number: int, change: OwnerChange, zone: tzinfo) -> Item:
    target = change.subject.target
    seen = f"In {target.region} (account {target.account}), first seen {date_time(change.at, zone)}."
    line = (Link(_title(change), subject_url(change.subject)), f" {_belongs(change)}.\n{seen}")
    return Item(line, Buttons((), f"owner {number}"))


def _sentence(change: OwnerChange) -> str:
    return f"{_title(change)} {_belongs(change)}"


def _belongs(change: OwnerChange) -> str:
    return f"belongs to {visible(change.owners)} now, {visible(change.evidence)}"


def _title(change: OwnerChange) -> str:
    return change.subject.id if change.name is None else f"{display_name(change.name)} ({change.subject.id})"


def _advice(ask_in: str) -> str:
    return (
        "If that is wrong, correct the name or the owner tag, "
        f"or ask in {visible(ask_in)}: an administrator of Bailiff can assign it back to you."
    )


def _limit(settled_hours: int) -> str:
    return f"Through Bailiff, new owners can stop, rename or delete it only after {plural(settled_hours, 'hour')}."
