"""Finds the owners of an instance.

They are an assigned owner, else the identifier in the name with the directory's answer, else those in an owner tag. Who
said "not mine" is none of them. Without a clear answer there is no owner. Nobody is guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.invisible import without_invisible_start
from bailiff_bot.domain.owner_tag import read_owner_tags
from bailiff_bot.domain.ownership import Assignment, CountingClaims, Disclaimer, OwnershipClaims, counting_claims
from bailiff_bot.domain.policy import Policy

_IDENTIFIER_IN_NAME = re.compile(r"[A-Za-z]{3,4}(?![A-Za-z])")


class DirectoryStatus(StrEnum):
    """What the directory says of an identifier. People read the values."""

    KNOWN = "known to the directory"
    NO_ADDRESS = "the directory has no e-mail address for it"
    CLAIMED_TWICE = "two people claim it in the directory"
    UNKNOWN = "the directory does not know it"
    UNAVAILABLE = "the directory did not answer in full"
    UNCHECKED = "there is no directory to ask"


RESOLVABLE = frozenset({DirectoryStatus.KNOWN, DirectoryStatus.NO_ADDRESS, DirectoryStatus.UNCHECKED})
"""An identifier with one of these statuses stands for a person, with or without an address."""

DECIDES_ALONE = frozenset({DirectoryStatus.KNOWN, DirectoryStatus.CLAIMED_TWICE, DirectoryStatus.UNAVAILABLE})
"""If the identifier in the name has one of these statuses, the owner tags do not count."""

_WITHOUT_ADDRESS = frozenset({DirectoryStatus.NO_ADDRESS, DirectoryStatus.UNCHECKED})
"""An identifier with one of these statuses stands for a person, and no directory gives the person's address."""


@dataclass(frozen=True, slots=True)
class People:
    """The people in the directory, and what could not be read of it."""

    addresses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """E-mail addresses (lower case) by identifier (upper case). An empty set: known, but without an address."""
    gaps: tuple[Gap, ...] = ()
    """What could not be read. Empty if the directory is complete."""
    consulted: bool = True
    """False when no directory is configured."""

    @property
    def complete(self) -> bool:
        """True if an identifier that is absent here belongs to nobody."""
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
        """Return the address of an identifier; None if there is none or more than one."""
        addresses = self.addresses.get(identifier, frozenset())
        return next(iter(addresses)) if len(addresses) == 1 else None

    def identifiers_of(self, address: str) -> frozenset[str]:
        """Return the identifiers that the directory gives to an address, including those that others claim too."""
        wanted = address.casefold()
        return frozenset(identifier for identifier, addresses in self.addresses.items() if wanted in addresses)


NO_DIRECTORY = People(consulted=False)
"""The people if no directory is configured."""


def people_from_entries(entries: Iterable[tuple[str, str | None]], gaps: Iterable[str] = ()) -> People:
    """Return the people of (identifier, address) pairs. An identifier may occur more than once.

    `gaps` says what could not be read, as text for people.
    """
    addresses: dict[str, set[str]] = {}
    for identifier, address in entries:
        own_addresses = addresses.setdefault(identifier.strip().upper(), set())
        if address and address.strip():
            own_addresses.add(address.strip().casefold())
    return People(
        {identifier: frozenset(own_addresses) for identifier, own_addresses in addresses.items()},
        tuple(Gap(GapSource.DIRECTORY, None, reason) for reason in gaps),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may own an instance: named by the name or an owner tag, even if that leads to nobody."""

    key: str
    """The identifier (upper case) or the e-mail address (lower case) under which the person is looked for."""
    status: DirectoryStatus | None = None
    """What the directory says of the identifier; None for an address, about which the directory is not asked."""
    address: str | None = None
    """The e-mail address under which the person is looked for in Slack, if one is known."""

    @property
    def is_owner(self) -> bool:
        """True if `key` stands for a person, with or without an address."""
        return self.status is None or self.status in RESOLVABLE


@dataclass(frozen=True, slots=True)
class Identity:
    """Who owns an instance, with the evidence of each step."""

    identifier: str | None
    """The identifier in the name, upper case."""
    identifier_status: DirectoryStatus | None
    """What the directory says of `identifier`; None without one."""
    candidates: tuple[Candidate, ...] = ()
    """Each person is in it once. All of them own the instance, except those who are nobody (`Candidate.is_owner`)."""
    tag: str | None = None
    """The key of the owner tag that holds `candidates` or their addresses; None if none comes from a tag."""
    assignment: Assignment | None = None
    """The decision of triage by which `candidates` holds its owner alone; None without one."""
    disclaimers: tuple[Disclaimer, ...] = ()
    """The people who said "not mine". None of them is among `candidates`."""

    @property
    def named_owner(self) -> str | None:
        """The identifier in the name, unless that person is no owner by what people said."""
        is_nobody = self.identifier_status is DirectoryStatus.UNKNOWN
        if is_nobody or not (self.assignment or self.disclaimers):
            return self.identifier
        return next((candidate.key for candidate in self.candidates if candidate.key == self.identifier), None)

    def excludes(self, user_id: str) -> bool:
        """Return True if a Slack user is certainly no owner: by an own "not mine", or because another is assigned."""
        if self.assignment:
            return self.assignment.user_id != user_id
        return any(one.user_id == user_id for one in self.disclaimers)

    @property
    def owner_keys(self) -> tuple[str, ...]:
        """The identifiers and addresses of the owners; empty if no owner is known."""
        return tuple(candidate.key for candidate in self.candidates if candidate.is_owner)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The e-mail addresses under which the owners are looked for in Slack."""
        return tuple(candidate.address for candidate in self.candidates if candidate.address)


@lru_cache(maxsize=4096)
def _named_identity(identifier: str, status: DirectoryStatus, address: str | None) -> Identity:
    """Return the identity by a name. Equal ones are one shared object, to save memory: a fleet has few owners."""
    return Identity(identifier, status, (Candidate(identifier, status, address),))


_NO_IDENTITY = Identity(None, None)


def identifier_in_name(name: str | None, not_identifiers: frozenset[str] = frozenset()) -> str | None:
    """Return the identifier that a name starts with, in upper case; None if it starts with none.

    An identifier is 3 or 4 ASCII letters, followed by neither a letter nor a combining mark. Blanks and invisible
    characters in front of it do not count.
    """
    text = name or ""
    if not text.isascii():  # normalizing 100,000 ASCII names takes a tenth of a report's time
        text = unicodedata.normalize("NFC", text)
    text = without_invisible_start(text)
    match = _IDENTIFIER_IN_NAME.match(text)
    if not match or _is_letter_or_mark(text[match.end() : match.end() + 1]):
        return None
    identifier = match.group().upper()
    return None if identifier in not_identifiers else identifier


def _is_letter_or_mark(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character)[0] in "LM"


def identify(instance: Instance, people: People, policy: Policy, claims: OwnershipClaims | None = None) -> Identity:
    """Return who owns an instance, given the directory's answer and the live claims on it."""
    found = _read_identity(instance, people, policy)
    if claims is None:
        return found
    counting = counting_claims(claims, instance, policy)
    if not counting.assignment:
        return _without_disclaimed(found, counting, instance, people, policy) if counting.disclaimers else found
    candidates, said = (_assigned(counting.assignment, people),), counting.disclaimers
    return replace(found, candidates=candidates, tag=None, assignment=counting.assignment, disclaimers=said)


def _assigned(assignment: Assignment, people: People) -> Candidate:
    """Return the assigned owner: under the identifier, if the directory gives exactly one to the address."""
    identifiers = [key for key in people.identifiers_of(assignment.address) if people.address_of(key)]
    if len(identifiers) == 1:
        return Candidate(identifiers[0], DirectoryStatus.KNOWN, assignment.address)
    return Candidate(assignment.address, None, assignment.address)


def _without_disclaimed(
    found: Identity, counting: CountingClaims, instance: Instance, people: People, policy: Policy
) -> Identity:
    """Return the identity without those who said "not mine". If no owner is left, the owner tags are read further."""
    gone = counting.disclaimed.union(one.key for one in found.candidates if one.address in counting.disclaimed)
    left = replace(found, candidates=_without(found.candidates, gone), disclaimers=counting.disclaimers)
    if left.owner_keys or left.candidates == found.candidates:
        return left
    for key, owners in _owner_tags(instance, policy):
        by_tag = replace(left, candidates=_without(_candidates(owners, people), gone), tag=key)
        if by_tag.owner_keys:
            return by_tag
    return left if left.candidates else replace(left, tag=None)


def _without(candidates: tuple[Candidate, ...], gone: AbstractSet[str]) -> tuple[Candidate, ...]:
    """Return the candidates without those whose key or address is in `gone`."""
    return tuple(candidate for candidate in candidates if gone.isdisjoint({candidate.key, candidate.address}))


def _read_identity(instance: Instance, people: People, policy: Policy) -> Identity:
    """Return who owns an instance by its name and its owner tags."""
    identifier = identifier_in_name(instance.name, policy.not_identifiers)
    if identifier is None:
        return _from_owner_tags(_NO_IDENTITY, instance, people, policy)
    status = people.status_of(identifier)
    by_name = _named_identity(identifier, status, people.address_of(identifier))
    if status is DirectoryStatus.UNKNOWN:
        return _from_owner_tags(by_name, instance, people, policy)
    return _with_tagged_addresses(by_name, instance, people, policy) if status in _WITHOUT_ADDRESS else by_name


def _with_tagged_addresses(by_name: Identity, instance: Instance, people: People, policy: Policy) -> Identity:
    """Return the identity with the addresses of the first owner tag that holds one; else unchanged.

    A single address is that of the person in the name, unless it is somebody else's. Of several, nobody can tell whose
    each is.
    """
    for key, owners in _owner_tags(instance, policy):
        if any(_is_of_another(owner, by_name.identifier, people) for owner in owners):
            continue
        match [owner for owner in owners if "@" in owner]:
            case [address]:
                return replace(by_name, candidates=(replace(by_name.candidates[0], address=address),), tag=key)
            case [_, *_] as addresses:
                return replace(by_name, candidates=tuple(Candidate(one, None, one) for one in addresses), tag=key)
    return by_name


def _is_of_another(owner: str, identifier: str | None, people: People) -> bool:
    """Return True if an identifier or address in a tag certainly belongs to another person than `identifier`."""
    if "@" not in owner:
        return owner != identifier
    identifiers = people.identifiers_of(owner)
    return bool(identifiers) and identifier not in identifiers


def _from_owner_tags(fallback: Identity, instance: Instance, people: People, policy: Policy) -> Identity:
    """Return the identity from the first owner tag that leads to a person.

    If no tag does, the result is `fallback`, or, if that has no candidates, the identity from the first tag that has.
    """
    for key, owners in _owner_tags(instance, policy):
        by_tag = replace(fallback, candidates=_candidates(owners, people), tag=key)
        if by_tag.owner_keys:
            return by_tag
        fallback = fallback if fallback.candidates else by_tag
    return fallback


def _candidates(keys: Iterable[str], people: People) -> tuple[Candidate, ...]:
    """Return a candidate for each person among identifiers and addresses. A person may be named in both ways."""
    persons: dict[str, Candidate] = {}
    for key in keys:
        candidate = (
            Candidate(key, None, key) if "@" in key else Candidate(key, people.status_of(key), people.address_of(key))
        )
        persons.setdefault(candidate.address or key, candidate)
    return tuple(persons.values())


def _owner_tags(instance: Instance, policy: Policy) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the key of each owner tag that names somebody, with the identifiers and addresses in its value."""
    return ((key.strip(), owners) for key, _, owners in read_owner_tags(instance, policy) if owners)
