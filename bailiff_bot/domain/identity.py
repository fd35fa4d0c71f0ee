"""Whose an instance is: its name's identifier, what the directory says of it, else an owner tag. Nobody is guessed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.policy import Policy

_IDENTIFIER = re.compile(r"[A-Za-z]{3,4}")
_ADDRESS = re.compile(r"[^@\s<>|]+@[^@\s<>|]+\.[^@\s<>|]+")


class DirectoryStatus(StrEnum):
    """What the directory says of an identifier, in the words a person is told."""

    KNOWN = "known to the directory"
    NO_ADDRESS = "the directory has no e-mail address for it"
    CLAIMED_TWICE = "two people claim it in the directory"
    UNKNOWN = "the directory does not know it"
    UNAVAILABLE = "the directory did not answer in full"
    UNCHECKED = "there is no directory to ask"


RESOLVABLE = frozenset({DirectoryStatus.KNOWN, DirectoryStatus.NO_ADDRESS, DirectoryStatus.UNCHECKED})
"""An identifier of one of these standings leads to a person, with or without an address."""


_WITHOUT_ADDRESS = frozenset({DirectoryStatus.NO_ADDRESS, DirectoryStatus.UNCHECKED})
"""An identifier that leads to a person of whom no directory tells the address."""


@dataclass(frozen=True, slots=True)
class People:
    """What the directory answered: people, and whether these are all."""

    addresses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The e-mail addresses, in lower case, of each identifier, in upper case; an empty set: known, but without one."""
    gaps: tuple[str, ...] = ()
    """What could not be read, in words; empty: the directory is complete."""
    consulted: bool = True
    """False when no directory is configured."""

    @property
    def complete(self) -> bool:
        """Whether an identifier that is not here is nobody's."""
        return self.consulted and not self.gaps

    def status_of(self, identifier: str) -> DirectoryStatus:
        """Return what the directory says of an identifier."""
        addresses = self.addresses.get(identifier)
        if addresses is None:
            return self._status_of_absent
        if len(addresses) > 1:
            return DirectoryStatus.CLAIMED_TWICE
        return DirectoryStatus.KNOWN if addresses else DirectoryStatus.NO_ADDRESS

    @property
    def _status_of_absent(self) -> DirectoryStatus:
        if not self.consulted:
            return DirectoryStatus.UNCHECKED
        return DirectoryStatus.UNAVAILABLE if self.gaps else DirectoryStatus.UNKNOWN

    def address_of(self, identifier: str) -> str | None:
        """Return the one address of an identifier, None when there is none or more than one."""
        addresses = self.addresses.get(identifier, frozenset())
        return next(iter(addresses)) if len(addresses) == 1 else None

    def identifiers_of(self, address: str) -> frozenset[str]:
        """Return the identifiers under which the directory lists an address, also those that somebody else claims."""
        wanted = address.casefold()
        return frozenset(identifier for identifier, addresses in self.addresses.items() if wanted in addresses)


NO_DIRECTORY = People(consulted=False)
"""What is known of people where no directory is configured."""


def people_from_entries(entries: Iterable[tuple[str, str | None]], gaps: Iterable[str] = ()) -> People:
    """Return the people of (identifier, address) pairs, in which one identifier may stand more than once."""
    addresses: dict[str, set[str]] = {}
    for identifier, address in entries:
        known = addresses.setdefault(identifier.strip().upper(), set())
        if address and address.strip():
            known.add(address.strip().casefold())
    return People({identifier: frozenset(known) for identifier, known in addresses.items()}, tuple(gaps))


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose an instance is, with the evidence of each step."""

    identifier: str | None
    """Read from the name, upper case."""
    identifier_status: DirectoryStatus | None
    """What the directory says of the identifier; None without one."""
    candidate: str | None = None
    """The identifier or the address under which the owner is looked for, whether or not that leads to anybody."""
    candidate_status: DirectoryStatus | None = None
    """What the directory says of the lead; None without one, and for an address, of which it is not asked."""
    tag: str | None = None
    """The key of the owner tag that holds the lead or its address; None when neither is in a tag."""
    address: str | None = None
    """The address under which the owner is looked for in Slack, when one is known."""

    @property
    def owner_key(self) -> str | None:
        """The identifier or the address of its owner; None: nobody's, as far as we know."""
        return self.candidate if self.candidate_status is None or self.candidate_status in RESOLVABLE else None


_shared_identity = lru_cache(maxsize=4096)(Identity)
"""Equal identities are one value: a fleet has a few hundred people."""

_NO_IDENTITY = Identity(None, None)


def identifier_in_name(name: str | None, not_identifiers: frozenset[str] = frozenset()) -> str | None:
    """Return the identifier that a name starts with, upper case: 3 or 4 ASCII letters, then no letter and no mark."""
    text = unicodedata.normalize("NFC", name or "").lstrip()
    match = _IDENTIFIER.match(text)
    if not match or _is_letter_or_mark(text[match.end() : match.end() + 1]):
        return None
    identifier = match.group().upper()
    return None if identifier in not_identifiers else identifier


def _is_letter_or_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"


def identify(instance: Instance, people: People, policy: Policy) -> Identity:
    """Return whose an instance is, under what the directory answered."""
    identifier = identifier_in_name(instance.name, policy.not_identifiers)
    if identifier is None:
        return _from_owner_tags(_NO_IDENTITY, instance, people, policy)
    standing = people.status_of(identifier)
    by_name = _shared_identity(identifier, standing, identifier, standing, None, people.address_of(identifier))
    if standing is DirectoryStatus.UNKNOWN:
        return _from_owner_tags(by_name, instance, people, policy)
    return _with_tagged_address(by_name, instance, policy) if standing in _WITHOUT_ADDRESS else by_name


def _with_tagged_address(by_name: Identity, instance: Instance, policy: Policy) -> Identity:
    """Return the same owner, to be found at the address that an owner tag holds, if one does."""
    for key in policy.owner_tags:
        text = instance.tags.get(key, "").strip()
        if _ADDRESS.fullmatch(text):
            return replace(by_name, tag=key, address=text.casefold())
    return by_name


def _from_owner_tags(fallback: Identity, instance: Instance, people: People, policy: Policy) -> Identity:
    """Return the identity by the first owner tag that leads to somebody; without one, what the name or a tag says."""
    for key in policy.owner_tags:
        text = instance.tags.get(key, "").strip()
        if not text:
            continue
        if _ADDRESS.fullmatch(text):
            return replace(fallback, candidate=text.casefold(), candidate_status=None, tag=key, address=text.casefold())
        identifier = text.upper()
        if not _IDENTIFIER.fullmatch(text) or identifier in policy.not_identifiers:
            continue
        standing = people.status_of(identifier)
        by_tag = replace(
            fallback, candidate=identifier, candidate_status=standing, tag=key, address=people.address_of(identifier)
        )
        if standing in RESOLVABLE:
            return by_tag
        fallback = fallback if fallback.candidate else by_tag
    return fallback
