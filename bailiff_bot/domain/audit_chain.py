"""The hash chain of the audit log: each row holds the hash of the row before, so that no change stays unnoticed."""

import hashlib
import hmac
import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first row holds as the hash of the row before."""


@dataclass(frozen=True, slots=True)
class Link:
    """The number and the hash of a row."""

    number: int
    hash: str


START = Link(0, GENESIS)
"""Before the first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """A row as it is stored and hashed. Empty fields are not hashed: a later field leaves the earlier hashes valid."""

    number: int
    at: datetime
    actor: str
    """The key of a person; empty: Bailiff itself."""
    action: str
    result: str
    account: str = ""
    partition: str = ""
    region: str = ""
    instance: str = ""
    reason: str = ""
    why_digest: str = ""
    """`words_digest` of the actor's own words; empty if there are none."""
    message: str = ""
    before: str = ""
    after: str = ""
    """The state before and after, as canonical JSON; empty if there is none."""
    request_id: str = ""
    removed_through: int | None = None
    """The retention removed the rows up to this number. `previous` of the next one is the last hash of them."""
    removed_hash: str = ""
    """The hash of the row with the number `removed_through`."""
    previous: str = ""
    """The hash of the row before."""
    hash: str = ""

    @property
    def link(self) -> Link:
        """The row's number and hash."""
        return Link(self.number, self.hash)


@dataclass(frozen=True, slots=True)
class Words:
    """The actor's own words. `salt` keeps them from being guessed by their digest once they are removed."""

    salt: str
    text: str


def canonical_json(value: Any) -> str:
    """Return a JSON value as text: one text for equal values, in ASCII. Raises ValueError for what JSON has not."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def hashed_fields(row: AuditRow) -> dict[str, Any]:
    """Return what the hash covers, by name: all fields that are not empty, except the hash itself."""
    found = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "hash"}
    found["at"] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {name: value for name, value in found.items() if value not in ("", None)}


def hash_of(row: AuditRow) -> str:
    """Return the SHA-256 of a row as hexadecimal digits."""
    return hashlib.sha256(canonical_json(hashed_fields(row)).encode()).hexdigest()


def chained(row: AuditRow, previous: Link) -> AuditRow:
    """Return a row as it follows the row `previous`, with its number and its hash."""
    linked = replace(row, number=previous.number + 1, previous=previous.hash)
    return replace(linked, hash=hash_of(linked))


def words_digest(words: Words) -> str:
    """Return the digest that the row holds of its actor's own words."""
    return hmac.new(words.salt.encode(), words.text.encode(), hashlib.sha256).hexdigest()
