"""How times, texts and JSON are stored, so that both databases take them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

JSON_VALUE: TypeEngine[Any] = JSON(none_as_null=True)
"""JSON, stored as text in both databases: unlike PostgreSQL's jsonb, text takes any character."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. SQLite stores it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC. Raises ValueError if it is naive."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SafeText(TypeDecorator[str]):
    """A text from outside. NUL and half a surrogate pair, which no database takes, are replaced by U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text with the replacements."""
        return None if value is None else safe(value)


def safe(text: str) -> str:
    """Return a text as SafeText stores it."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def join_lines(texts: Iterable[str]) -> str:
    """Return texts as the lines of one text, for a column that once held one."""
    return "\n".join(text.replace("\n", " ") for text in texts)


def split_lines(joined: str) -> tuple[str, ...]:
    """Return the texts that `join_lines` joined, without empty ones."""
    return tuple(filter(None, joined.split("\n")))


def microseconds(instant: datetime) -> int:
    """Return an instant as a number, the microseconds since 1970: JSON has no times."""
    return (instant - EPOCH) // _MICROSECOND


def instant_of(number: int) -> datetime:
    """Return the instant of a number of microseconds since 1970."""
    return EPOCH + timedelta(0, 0, number)
