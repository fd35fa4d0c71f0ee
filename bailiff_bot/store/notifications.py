"""Reads which direct messages list an instance."""

import re
from typing import Any

from sqlalchemy import Row, Text, cast, select

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.domain.digest import NUDGE
from bailiff_bot.domain.finding_keys import load_keys
from bailiff_bot.domain.notification import Notification
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.batches import batches
from bailiff_bot.store.database import Database
from bailiff_bot.store.deliveries import deliveries

_UNCHANGED_IN_JSON = re.compile(r"[A-Za-z0-9 _.:/-]*")
_NOT_SENT = frozenset({DeliveryState.REFUSED, DeliveryState.EXPIRED})


class SqlNotificationStore:
    """Implements `NotificationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listing(self, subject: Subject) -> tuple[Notification, ...]:
        """Return for each recipient the latest direct message that lists a subject, by time.

        A message that was not sent counts only if there is no other.
        """
        latest: dict[str, Notification] = {}
        for one in sorted(self._all(subject), key=lambda one: (one.state not in _NOT_SENT, one.at)):
            latest[one.recipient] = one
        return tuple(sorted(latest.values(), key=lambda one: (one.at, one.recipient)))

    def _all(self, subject: Subject) -> list[Notification]:
        table, beginning = deliveries.c, _UNCHANGED_IN_JSON.match(subject.id)
        columns = [table.recipient, table.label, table.attempted, table.state, table.reason, table.channel, table.ts]
        query = (
            select(*columns, table.told, table.still, batches.c.planned)
            .join(batches, batches.c.id == table.dispatch)
            .where(table.part == MessageKind.DIRECT, table.name == NUDGE)
            # A text search leaves few rows to decode.
            .where(cast(table.told, Text).contains(beginning.group() if beginning else "", autoescape=True))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [one for row in rows if (one := _notification(row, subject)).rules]


def _notification(row: Row[*tuple[Any, ...]], subject: Subject) -> Notification:
    return Notification(
        recipient=row.recipient,
        label=row.label,
        at=row.attempted or row.planned,
        state=DeliveryState(row.state),
        rules=_rules(row.told, subject),
        still_listed=_rules(row.still, subject),
        reason=row.reason,
        channel=row.channel,
        ts=row.ts,
    )


def _rules(keys: Any, subject: Subject) -> frozenset[RuleId]:
    return frozenset(key.rule for key in load_keys(keys or ()) if key.subject == subject)
