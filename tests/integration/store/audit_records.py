"""Records of the audit log, and raw SQL against it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.database import Database
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, HOSTILE, IRELAND, NOW

ADA_GRANGER = Person(ADA, f"Ada {HOSTILE}", "ada@octo.example")
BEN_LEDGER = Person(BEN, "Ben Ledger", "ben@octo.example")
RECORD = AuditRecord(
    NOW + timedelta(microseconds=123),
    ADA_GRANGER,
    "keep",
    AuditResult.DONE,
    Subject(IRELAND, "i-1"),
    reason=HOSTILE,
    why=f"for a demo {HOSTILE}",
    message="D0ADA/1.5",
    before={"until": None, "extended": 0},
    after={"until": "2026-12-01", "extended": 1, "owners": (ADA_GRANGER, BEN_LEDGER), "first": False},
    request_id="r1",
)


def record(day: int = 0, actor: Person | None = ADA_GRANGER) -> AuditRecord:
    """Return a record of the day with this number."""
    return replace(RECORD, at=NOW + timedelta(days=day), actor=actor)


def fill(store: Store, days: int) -> None:
    """Append a record for each day."""
    for day in range(days):
        store.audit.append(record(day))


def execute(database: Database, *statements: str) -> None:
    """Execute statements in one transaction."""
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def execute_without_triggers(database: Database, *statements: str) -> None:
    """Execute statements in one transaction, as somebody who may do everything in the database."""
    with database.writing() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
                connection.exec_driver_sql(f"drop trigger if exists {name}")
        else:
            connection.exec_driver_sql("set local session_replication_role = replica")
        for statement in statements:
            connection.execute(text(statement))
