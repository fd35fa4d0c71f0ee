"""Who asks for an action, as Slack says at the click."""

from dataclasses import dataclass

from bailiff_bot.domain.action import Membership


@dataclass(frozen=True, slots=True)
class Asker:
    """A user who clicked a button."""

    user_id: str
    membership: Membership
    name: str = ""
    """The name that Slack shows; empty if it did not answer."""
    address: str = ""
    """The e-mail address, case-folded; empty if Slack does not tell it."""
    is_confirmed: bool = False
    """True if Slack says that the address is theirs (`is_email_confirmed`). Only then AWS is changed for them."""
