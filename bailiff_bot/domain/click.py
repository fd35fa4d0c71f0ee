"""A click on a button that opens a modal."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked, on which offer, and where the answer goes."""

    id: str
    """Random, so that nobody can guess it. The modal holds it."""
    offer: str
    """The key of the offer."""
    user_id: str
    response_url: str = field(repr=False)
    """The address that replaces the clicked message; empty for a click in a view."""
    at: datetime
