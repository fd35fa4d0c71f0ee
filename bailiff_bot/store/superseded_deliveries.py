"""Lets what is newer take the place of what is older and not settled, so that no old word comes after a new one."""

from collections.abc import Sequence

from sqlalchemy import Connection, Update, bindparam, or_, update

from bailiff_bot.domain.delivery import Draft, Part, State
from bailiff_bot.store.statements import stand_in_line
from bailiff_bot.store.tables import deliveries

_REASON = "a later one takes its place"
_OPEN = or_(deliveries.c.state == State.PENDING, deliveries.c.state == State.SENDING)
_END = {"state": State.EXPIRED, "reason": _REASON, "holder": "", "payload": {}}


def line_up(connection: Connection) -> None:
    """Wait for others that change many deliveries at once: in two orders they would wait for each other for ever."""
    stand_in_line(connection, "deliveries")


def replace_earlier(connection: Connection, drafts: Sequence[Draft]) -> None:
    """End the open edits of messages that these edit, and the open nudges to whom these nudge.

    A nudge that was put on the wire may have arrived: it is marked, and not sent again by who looks for it in vain.
    """
    edits = [
        {"the_recipient": one.recipient, "the_message": one.edits}
        for one in drafts
        if one.part is Part.EDIT and one.edits
    ]
    nudges = [{"the_recipient": one.recipient} for one in drafts if one.part is Part.NUDGE]
    if edits or nudges:
        line_up(connection)
    if edits:
        same = deliveries.c.edits == bindparam("the_message")
        connection.execute(_of(Part.EDIT).where(same).values(**_END), edits)
    if nudges:
        attempted = deliveries.c.attempted
        connection.execute(_of(Part.NUDGE).where(attempted.is_(None)).values(**_END), nudges)
        connection.execute(_of(Part.NUDGE).where(attempted.is_not(None)).values(replaced=True), nudges)


def _of(part: Part) -> Update:
    return update(deliveries).where(
        deliveries.c.recipient == bindparam("the_recipient"), deliveries.c.part == part, _OPEN
    )
