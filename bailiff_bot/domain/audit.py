"""The audit log's records: who did what to which instance, and what came of it.

A use case makes a record, and passes it to the method of the store that does the work, which appends it in its own
transaction:

    record = AuditRecord(now, Person(user.id, user.name, user.address), "keep", AuditResult.DONE,
                         Subject(target, "i-0abc"), why="for a demo", message=f"{channel}/{ts}",
                         before={"until": None}, after={"until": "2026-12-01"}, request_id=click.id)
    with self._database.writing() as connection:
        ...  # save the exemption
        append(connection, record)  # last: it locks the log until the transaction ends

Where nothing else is saved: `store.audit.append(record)`. A refusal has the result REFUSED and a `reason`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bailiff_bot.domain.subject import Subject

RETENTION = "retention"
"""The action of a row that says which rows were removed by age."""


class AuditResult(StrEnum):
    """What came of an action."""

    BEGUN = "begun"
    """It is about to be tried. Another row says what came of it."""
    DONE = "done"
    REFUSED = "refused"
    """It was not allowed, and nothing was tried."""
    FAILED = "failed"
    """It was tried, and certainly not done."""
    UNKNOWN = "unknown"
    """It was tried, and may have been done."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person. The log itself holds only a key of them, so that they can be forgotten: then all fields are empty."""

    user_id: str
    """The Slack user id; empty if it is not known."""
    name: str
    address: str = ""

    @property
    def identity(self) -> str:
        """What tells this person from others: the user id, else the address, else the name."""
        return self.user_id or self.address or self.name


FORGOTTEN = Person("", "")
"""A person who was forgotten."""


Value = str | int | bool | None | Person | tuple["Value", ...]
State = Mapping[str, Value]
"""What was changed, by name: `{"until": "2026-12-01"}`. A person in it is a `Person`, never a name in a text."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One action, exemption, refusal or failure."""

    at: datetime
    actor: Person | None
    """Who asked for it; None: Bailiff itself."""
    action: str
    """A word such as `keep`, `not-mine` or `stop`."""
    result: AuditResult
    subject: Subject | None = None
    """What it was done to; None if it was done to no instance, such as a delegation."""
    reason: str = ""
    """Why it was refused or failed, in Bailiff's words: without names and addresses, since it cannot be removed."""
    why: str = ""
    """The actor's own words. They are removed when the actor is forgotten."""
    message: str = ""
    """The message that was clicked, as `CHANNEL/TS`; empty if there was none, as for a command."""
    before: State = field(default_factory=dict)
    after: State = field(default_factory=dict)
    request_id: str = ""
    """The id of the request: AWS's, or else Slack's."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A record that was read from the log."""

    number: int
    """From 1, without gaps."""
    record: AuditRecord
    hash: str
    words_removed: bool = False
    """Whether the actor's own words were removed."""


def with_keys(state: State, key_of: Callable[[Person], str]) -> dict[str, Any]:
    """Return a state as JSON values, with each person replaced by `{"person": KEY}`."""
    return {name: _dump(value, key_of) for name, value in state.items()}


def with_people(state: Mapping[str, Any], person_of: Callable[[str], Person]) -> State:
    """Return the state of which `with_keys` made these JSON values."""
    return {name: _load(value, person_of) for name, value in state.items()}


def _dump(value: Value, key_of: Callable[[Person], str]) -> Any:
    match value:
        case Person():
            return {"person": key_of(value)}
        case tuple():
            return [_dump(item, key_of) for item in value]
        case _:
            return value


def _load(value: Any, person_of: Callable[[str], Person]) -> Value:
    match value:
        case {"person": key}:
            return person_of(key)
        case list():
            return tuple(_load(item, person_of) for item in value)
        case _:
            loaded: Value = value
            return loaded
