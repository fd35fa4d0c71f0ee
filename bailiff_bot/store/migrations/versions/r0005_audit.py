"""The tables of the audit log, and the triggers that refuse to change its rows.

Only the retention may delete a row: first it appends a row whose `removed_through` is at least the number of that row.
SQLite's `INSERT OR REPLACE` deletes without a trigger, so there a number that is taken is refused before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TEXTS = "actor action result account partition region instance reason why_digest message before after request_id"
_APPEND_ONLY = "the audit log is append-only"
# The maximum is read from the index. PostgreSQL would scan the table for each row to answer `exists (...)`.
_REMOVED = "coalesce((select max(removed_through) from audit) >= old.number, false)"
_TAKEN = "exists (select 1 from audit where number = new.number)"
_ABORT = f"begin select raise(abort, '{_APPEND_ONLY}'); end"

_SQLITE = (
    f"create trigger audit_no_update before update on audit {_ABORT}",
    f"create trigger audit_no_delete before delete on audit when not {_REMOVED} {_ABORT}",
    f"create trigger audit_no_replace before insert on audit when {_TAKEN} {_ABORT}",
)
_POSTGRESQL = (
    f"""
    create function audit_refuse() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then
            if {_REMOVED} then
                return old;
            end if;
        end if;
        raise exception using message = '{_APPEND_ONLY}';
    end $$
    """,
    "create trigger audit_no_change before update or delete on audit for each row execute function audit_refuse()",
    "create trigger audit_no_truncate before truncate on audit for each statement execute function audit_refuse()",
)


def upgrade() -> None:
    """Create the tables and the triggers."""
    _create_log()
    _create_tables_beside_it()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def _create_log() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS.split()),
        sa.Column("removed_through", sa.Integer),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("removed_hash", "previous", "hash")),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_removed_through", "audit", ["removed_through"])


def _create_tables_beside_it() -> None:
    op.create_table(
        "audit_people",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("identity", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("user_id", "name", "address")),
        sa.Column("last_number", sa.Integer, nullable=False),
    )
    op.create_table(
        "audit_words",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("salt", "text")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
