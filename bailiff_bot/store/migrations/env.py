"""Alembic runs this file, in the transaction that `bailiff_bot.store.migrate` started."""

from alembic import context

from bailiff_bot.store.migrate import VERSION_TABLE
from bailiff_bot.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
context.run_migrations()
