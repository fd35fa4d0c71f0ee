"""What the buttons beside an instance are about. A button holds only an opaque key, by which this is looked up."""

from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.subject import Subject

ANSWER = "answer"
"""`Offer.message` of the answer to a command, which only the clicks themselves can change."""
HOME = "home"
"""`Offer.message` of a Home tab."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The actions that one rendering of a message offers for one subject. Each rendering makes new ones."""

    key: str
    """Random, so that nobody can guess it."""
    subject: Subject
    title: str
    """The instance in a sentence, as the message names it."""
    recipient: str
    """The id of the Slack user who gets the message."""
    message: str
    """The key of the direct message's delivery, or `ANSWER` or `HOME`."""
    at: datetime
    exemption: str = ""
    """The id of the exemption that can be undone; empty if something else is offered."""
