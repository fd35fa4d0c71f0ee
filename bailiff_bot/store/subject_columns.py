"""The columns that say what a row is about: an instance, or a controller."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, Text, and_

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.types import SafeText


def subject_columns() -> tuple[Column[Any], ...]:
    """Return the columns, for the definition of a table."""
    places = (Column(name, Text, nullable=False) for name in ("account", "region", "partition"))
    return (*places, Column("subject", SafeText, nullable=False))


def subject_values(subject: Subject) -> dict[str, str]:
    """Return the values of the columns, by name."""
    target = subject.target
    return {
        "account": target.account,
        "region": target.region,
        "partition": target.partition,
        "subject": subject.id,
    }


def is_about(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Return the condition that a row of a table is about a subject."""
    return and_(*(table.c[name] == value for name, value in subject_values(subject).items()))


def subject_of_row(row: Row[Any]) -> Subject:
    """Return what a row is about."""
    return Subject(Target(row.account, row.region, row.partition), row.subject)
