"""Who reads a message about the instances of an owner: the owner, or a delegate who gets a copy."""

from dataclasses import dataclass
from datetime import tzinfo

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.messages.formatting import date, short_name, visible


@dataclass(frozen=True, slots=True)
class Reader:
    """The words that differ."""

    beginning: str = ""
    """Put before the first line."""
    whose: str = "your"
    no_longer_whose: str = "yours"
    list_command: str = "/bailiff mine"
    """What to type for the list as it is now."""
    about_copies: str = ""
    """Why the delegate gets it, and how to end that; empty for the owner."""


OWNER = Reader()
"""The owner."""


def delegate(delegation: Delegation, zone: tzinfo) -> Reader:
    """Return the reader who acts for an owner."""
    name, command = short_name(delegation.owner_name), f"/bailiff mine {visible(delegation.owner_address)}"
    return Reader(
        beginning=f"Copy for you as the delegate of {name}: ",
        whose="their",
        no_longer_whose="theirs",
        list_command=command,
        about_copies=(
            f"You act for {name} until {date(delegation.until, zone)}. All their instances: {command}. "
            "To end it: /bailiff delegates"
        ),
    )
