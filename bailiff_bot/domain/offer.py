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
    """The actions that one rendering of a message offers for one subject. Each rendering makes new ones.

    Those of one rendering share `recipient`, `message` and `at`.
    """

    key: str
    """Random, so that nobody can guess it."""
    subject: Subject
    title: str
    """The instance in a sentence, as the message names it."""
    recipient: str
    """The id of the Slack user, or of the channel, that gets the message."""
    message: str
    """The key of the direct message's delivery, or `ANSWER` or `HOME`."""
    at: datetime
    made_id: str = ""
    """The id of what an action made, such as an exemption, and what can be undone, ended or decided; else empty."""
    query: str = ""
    """What an answer or a Home tab shows after a click.

    The command that `ANSWER` answers, such as `mine AGR`; empty: the own instances. The number of the page of `HOME`.
    """
