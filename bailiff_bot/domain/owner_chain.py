"""The steps that lead from an instance to its owners, with what was read in each."""

from collections.abc import Iterable
from dataclasses import dataclass

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.delegation import Delegation, covering
from bailiff_bot.domain.identity import DECIDES_ALONE, Candidate, Identity, identifier_in_name
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress, owner_of
from bailiff_bot.domain.owner_tag import read_owner_tags, wanted_owner_tags
from bailiff_bot.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class OwnerTag:
    """An owner tag, and the owners that were read in its value."""

    key: str
    value: str
    owners: tuple[str, ...]
    """Identifiers and addresses; empty if the value names nobody."""


@dataclass(frozen=True, slots=True)
class OwnerChain:
    """The steps that lead from an instance to its owners."""

    identity: Identity
    machine_word: str | None
    """What the name starts with, if it looks like an identifier and is declared to be none: `PROD`."""
    tags: tuple[OwnerTag, ...]
    """In the order in which they are read."""
    wanted_tags: tuple[str, ...]
    """The keys of all tags that may name an owner."""
    users: tuple[tuple[Candidate, Owner | NoOwner], ...]
    """The Slack user behind each candidate, or why there is none."""
    delegations: tuple[Delegation, ...] = ()
    """By which others act for the owners."""

    @property
    def tags_count(self) -> bool:
        """True if the owner tags are read: nobody is assigned, and the name alone leads to no owner with an address."""
        identity = self.identity
        by_name = identity.named_owner is not None and identity.identifier_status in DECIDES_ALONE
        return identity.assignment is None and not by_name


def owner_chain(
    case: Case, policy: Policy, owners: OwnersByAddress, delegations: Iterable[Delegation] = ()
) -> OwnerChain:
    """Return the steps to the owners of a case. `owners` has an entry for each of `case.identity.addresses`.

    `delegations` are those that are not over.
    """
    identity = case.identity
    return OwnerChain(
        identity,
        None if identity.identifier else identifier_in_name(case.instance.name),
        tuple(OwnerTag(*tag) for tag in read_owner_tags(case.instance, policy)),
        wanted_owner_tags(policy),
        tuple((candidate, owner_of(candidate, owners)) for candidate in identity.candidates),
        covering(delegations, identity),
    )
