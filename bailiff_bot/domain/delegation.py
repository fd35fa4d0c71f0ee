"""Delegations: who acts for an owner, until when, and on which of the owner's instances."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.identity import Identity, People
from bailiff_bot.domain.report import Report

DEFAULT_TIME = timedelta(days=14)
"""For so long somebody acts for an owner who says no time."""
MAX_TIME = timedelta(days=365)
"""For no longer at once."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegate acts for an owner."""

    id: str
    """Random, so that nobody can guess it: the button that ends the delegation holds it."""
    owner_id: str
    """The id of the Slack user."""
    owner_name: str
    owner_address: str
    """The e-mail address, case-folded."""
    delegate_id: str
    delegate_name: str
    identifier: str
    """Upper case: it is about the instances with it in their names. Empty: about all of the owner's."""
    since: datetime
    until: datetime
    """The first instant at which the delegate does not act any more; when somebody ends it, that time."""

    def covers(self, identity: Identity) -> bool:
        """Return True if the delegate acts on an instance with these owners."""
        return self.owner_address in identity.addresses and self.is_about(identity.identifier)

    def is_about(self, identifier: str | None) -> bool:
        """Return True if it is about instances with this identifier in their names; None: with none."""
        return self.identifier in {"", identifier}

    def is_of(self, user_id: str) -> bool:
        """Return True if a user is the owner or the delegate, who both may end it."""
        return user_id in {self.owner_id, self.delegate_id}


def live(delegations: Iterable[Delegation], now: datetime) -> tuple[Delegation, ...]:
    """Return the delegations that are not over."""
    return tuple(one for one in delegations if now < one.until)


def covering(delegations: Iterable[Delegation], identity: Identity) -> tuple[Delegation, ...]:
    """Return the delegations that are about an instance with these owners."""
    return tuple(one for one in delegations if one.covers(identity))


def identifiers_of(address: str, people: People, report: Report) -> frozenset[str]:
    """Return the identifiers of an owner: those that the directory gives to nobody else, and those in the names.

    Without a directory, an owner tag with the address is what joins an identifier in a name to its owner.
    """
    listed = {identifier for identifier in people.identifiers_of(address) if people.address_of(identifier)}
    rows = report.of_owners((address,)).rows
    named = {row.identity.identifier for row in rows if address in row.identity.addresses}
    return frozenset(listed | {identifier for identifier in named if identifier})
