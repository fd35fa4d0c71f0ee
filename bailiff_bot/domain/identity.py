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


class Standing(StrEnum):
    """What the directory says of an identifier, in the words a person is told."""

    KNOWN = "known to the directory"
    NO_ADDRESS = "the directory has no e-mail address for it"
    CLAIMED_TWICE = "two people claim it in the directory"
    UNKNOWN = "the directory does not know it"
    UNAVAILABLE = "the directory did not answer in full"
    UNCHECKED = "there is no directory to ask"


LEADING = frozenset({Standing.KNOWN, Standing.NO_ADDRESS, Standing.UNCHECKED})
"""An identifier of one of these standings leads to a person, with or without an address."""


_ADDRESSLESS = frozenset({Standing.NO_ADDRESS, Standing.UNCHECKED})
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

    def standing(self, identifier: str) -> Standing:
        """Return what the directory says of an identifier."""
        addresses = self.addresses.get(identifier)
        if addresses is None:
            return self._absent
        if len(addresses) > 1:
            return Standing.CLAIMED_TWICE
        return Standing.KNOWN if addresses else Standing.NO_ADDRESS

    @property
    def _absent(self) -> Standing:
        if not self.consulted:
            return Standing.UNCHECKED
        return Standing.UNAVAILABLE if self.gaps else Standing.UNKNOWN

    def address(self, identifier: str) -> str | None:
        """Return the one address of an identifier, None when there is none or more than one."""
        addresses = self.addresses.get(identifier, frozenset())
        return next(iter(addresses)) if len(addresses) == 1 else None

    def identifiers(self, address: str) -> frozenset[str]:
        """Return the identifiers under which the directory lists an address, also those that somebody else claims."""
        wanted = address.casefold()
        return frozenset(identifier for identifier, addresses in self.addresses.items() if wanted in addresses)


NO_DIRECTORY = People(consulted=False)
"""What is known of people where no directory is configured."""


def people(entries: Iterable[tuple[str, str | None]], gaps: Iterable[str] = ()) -> People:
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
    standing: Standing | None
    """What the directory says of the identifier; None without one."""
    lead: str | None = None
    """The identifier or the address under which the owner is looked for, whether or not that leads to anybody."""
    lead_standing: Standing | None = None
    """What the directory says of the lead; None without one, and for an address, of which it is not asked."""
    tag: str | None = None
    """The key of the owner tag that holds the lead or its address; None when neither is in a tag."""
    address: str | None = None
    """The address under which the owner is looked for in Slack, when one is known."""

    @property
    def whose(self) -> str | None:
        """The identifier or the address of its owner; None: nobody's, as far as we know."""
        return self.lead if self.lead_standing is None or self.lead_standing in LEADING else None


_identity = lru_cache(maxsize=4096)(Identity)
"""Equal identities are one value: a fleet has a few hundred people."""

_NOBODY = Identity(None, None)


def read_identifier(name: str | None, not_identifiers: frozenset[str] = frozenset()) -> str | None:
    """Return the identifier that a name starts with, upper case: 3 or 4 ASCII letters, then no letter and no mark."""
    text = unicodedata.normalize("NFC", name or "").lstrip()
    match = _IDENTIFIER.match(text)
    if not match or _continues(text[match.end() : match.end() + 1]):
        return None
    identifier = match.group().upper()
    return None if identifier in not_identifiers else identifier


def _continues(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"


def identify(instance: Instance, people: People, policy: Policy) -> Identity:
    """Return whose an instance is, under what the directory answered."""
    identifier = read_identifier(instance.name, policy.not_identifiers)
    if identifier is None:
        return _by_tag(_NOBODY, instance, people, policy)
    standing = people.standing(identifier)
    by_name = _identity(identifier, standing, identifier, standing, None, people.address(identifier))
    if standing is Standing.UNKNOWN:
        return _by_tag(by_name, instance, people, policy)
    return _with_address(by_name, instance, policy) if standing in _ADDRESSLESS else by_name


def _with_address(by_name: Identity, instance: Instance, policy: Policy) -> Identity:
    """Return the same owner, to be found at the address that an owner tag holds, if one does."""
    for key in policy.owner_tags:
        text = instance.tags.get(key, "").strip()
        if _ADDRESS.fullmatch(text):
            return replace(by_name, tag=key, address=text.casefold())
    return by_name


def _by_tag(otherwise: Identity, instance: Instance, people: People, policy: Policy) -> Identity:
    """Return the identity by the first owner tag that leads to somebody; without one, what the name or a tag says."""
    for key in policy.owner_tags:
        text = instance.tags.get(key, "").strip()
        if not text:
            continue
        if _ADDRESS.fullmatch(text):
            return replace(otherwise, lead=text.casefold(), lead_standing=None, tag=key, address=text.casefold())
        identifier = text.upper()
        if not _IDENTIFIER.fullmatch(text) or identifier in policy.not_identifiers:
            continue
        standing = people.standing(identifier)
        by_tag = replace(
            otherwise, lead=identifier, lead_standing=standing, tag=key, address=people.address(identifier)
        )
        if standing in LEADING:
            return by_tag
        otherwise = otherwise if otherwise.lead else by_tag
    return otherwise
