"""Reads the owners in the values of owner tags."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bailiff_bot.domain.identifier import is_identifier
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.invisible import without_invisible
from bailiff_bot.domain.policy import Policy

BAILIFF_OWNER_TAG = "bailiff:owner"
"""The tag with which Bailiff itself remembers an owner. It is read before the others, and is no change by the team."""

_ADDRESS = re.compile(r"[^\s@,;|/:=<>()\[\]{}\"]+@[\w-]+(?:\.[\w-]+)+")
_FIRST_NAME = re.compile(r"[A-Z][a-z]+")
_BETWEEN_PIECES = re.compile(r"[:=]")
_CONJUNCTIONS = frozenset("and et und".split())
_NOBODY = frozenset("NONE NULL TBA TBD TODO ROOT USER SELF TEAM".split())
"""What people write where they know no owner."""
_FIRST_AND_LAST_NAME = re.compile(r"[^\W\d_][\w'-]*(?:\.[^\W\d_][\w'-]*)+")

_BETWEEN_PARTS = re.compile(r"[,;|]")
_BETWEEN_WORDS = re.compile(r"[\s/]")
_QUOTES = "'\"`\u00b4\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_TRIMMED = f" .,;:!?&+*_-\u2013\u2014\u2022<>()[]{{}}{_QUOTES}"
"""Characters around a word that do not belong to it."""
_NAME_BEFORE_ADDRESS = re.compile(
    r"(?<![^\s,;|/])(?:([\"'])[^\"'<>@]*\1\s*|(?:[A-Z][a-z'-]+,\s*)?[^<>@,;|/]*)<(?=[^<>]*@)"
)
_REMARK_AFTER_ADDRESS = re.compile(r"(@[\w.-]+)\s*\((?![A-Z]{3,4}\))[^()@,;|/]*\)")
_ARN_BEFORE_ADDRESS = re.compile(r"(?<!\w)arn:[^\s,;|@<>]*[/:](?=[^\s/:@]+@)")


@lru_cache(maxsize=4096)
def owners_in_tag(value: str, policy: Policy) -> tuple[str, ...]:
    """Return the owners in a tag's value in their order, each once: identifiers and addresses. Never raises.

    `,` `;` `|` separate the parts of a value, blanks and `/` the words of a part. A word is an identifier (upper case
    in the result), an address (lower case), `mailto:address`, several addresses joined by `:`, an ARN or a value of
    `aws:createdBy` that ends with an address, or `first.last`, which `owner_domain` completes. Words in front of
    `<address>` are a name, also "Granger, Ada"; what stands in parentheses behind an address is a remark. Quotes,
    brackets and punctuation around a word do not count, nor do invisible characters.

    A part with any other word is a sentence. The addresses in it are owners ("ask agr@octo.example"), its other words
    are not: there is no identifier in "the platform team" or "Max Mustermann", nor in "John Doe". The other parts
    of the value keep their owners: "HRO, the platform team" is HRO's.
    """
    return tuple(dict.fromkeys(owner for part in _parts(value) for owner in _owners_in_part(part, policy)))


def _parts(value: str) -> list[str]:
    text = _ARN_BEFORE_ADDRESS.sub(" ", _normalized(value))
    text = _REMARK_AFTER_ADDRESS.sub(r"\1", _NAME_BEFORE_ADDRESS.sub(" ", text))
    return _BETWEEN_PARTS.split(text)


def _normalized(value: str) -> str:
    if value.isascii():
        return value
    return unicodedata.normalize("NFC", without_invisible(value))


def _owners_in_part(part: str, policy: Policy) -> Iterator[str]:
    words = [word for text in _BETWEEN_WORDS.split(part) if (word := text.strip(_TRIMMED)) not in {"", *_CONJUNCTIONS}]
    owners = [_owners_in_word(word, policy) for word in words]
    has_name = len(words) > 1 and any(map(_FIRST_NAME.fullmatch, words))
    is_sentence = has_name or not all(owners)
    return (owner for word, its in zip(words, owners, strict=True) if "@" in word or not is_sentence for owner in its)


def _owners_in_word(word: str, policy: Policy) -> tuple[str, ...]:
    """Return whom a word means: the addresses among the pieces between its colons, if the last is one; or one owner."""
    pieces = [piece.strip(_TRIMMED) for piece in _BETWEEN_PIECES.split(word)]
    if _ADDRESS.fullmatch(pieces[-1]):
        return tuple(piece.casefold() for piece in pieces if _ADDRESS.fullmatch(piece))
    if is_identifier(word):
        return () if word.upper() in policy.not_identifiers | _NOBODY else (word.upper(),)
    if policy.owner_domain and _FIRST_AND_LAST_NAME.fullmatch(word):
        return (f"{word}@{policy.owner_domain}".casefold(),)
    return ()


def read_owner_tags(instance: Instance, policy: Policy) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the key and the value of each owner tag, with the identifiers and addresses in the value."""
    for key in owner_tag_keys(instance, policy):
        yield key, instance.tags[key], owners_in_tag(instance.tags[key], policy)


def owner_tag_keys(instance: Instance, policy: Policy) -> tuple[str, ...]:
    """Return the keys of an instance's owner tags as they are spelled, in order of preference."""
    return _present_keys(tuple(instance.tags), wanted_owner_tags(policy))


def wanted_owner_tags(policy: Policy) -> tuple[str, ...]:
    """Return the keys of all tags that may name an owner, in order of preference."""
    return (BAILIFF_OWNER_TAG, *policy.owner_tags)


@lru_cache(maxsize=4096)
def _present_keys(present: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the present keys that are wanted, in the order of `wanted`. Of equal ones, the exact spelling is first."""
    return tuple(
        dict.fromkeys(
            key
            for tag in wanted
            for key in (tag, *sorted(present))
            if key in present and key.strip().casefold() == tag.strip().casefold()
        )
    )
