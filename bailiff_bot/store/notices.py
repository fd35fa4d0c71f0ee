"""Stores who was told what others did. A notice is saved in the transaction that records that its results are told."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, tuple_, update

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.notice import ENDINGS, NOTICE, Notice
from bailiff_bot.store.action_results import RESULTS, action_results, read_results
from bailiff_bot.store.batches import batches
from bailiff_bot.store.database import Database
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.offers import offers
from bailiff_bot.store.plans import write_plans

_KEY = tuple_(action_results.c.offer, action_results.c.action)
_STATE = tuple_(action_results.c.offer, action_results.c.action, action_results.c.outcome)


class SqlNoticeStore:
    """Stores notices. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> tuple[ActionResult, ...]:
        """Return what was done and is not told yet, in the order of time.

        A request to delete is told when it is made, and again when it is over. Anything else in AWS is told once it is
        done, or nobody knows whether it is. The tag of an owner is not told: the assignment is.
        """
        is_known = action_results.c.outcome.in_((Outcome.DONE, Outcome.UNKNOWN))
        is_told = is_known | (action_results.c.action == Action.DELETE)
        with self._database.reading() as connection:
            return read_results(
                connection, RESULTS.where(~action_results.c.told, action_results.c.action != Action.TAG, is_told)
            )

    def makers(self, made_id: str) -> frozenset[str]:
        """Return the ids of the users who did what made this: it may be ended by others."""
        made = (action_results.c.granted == made_id, action_results.c.action.not_in(ENDINGS))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(action_results.c.user_id).where(*made)))

    def tell(self, results: Sequence[ActionResult], plans: Sequence[BatchPlan]) -> bool:
        """Save the plans that tell results.

        Returns False, and saves nothing, if another process told one of them, or something else came of it meanwhile.
        """
        known = _STATE.in_([(one.offer.key, one.action, one.outcome) for one in results])
        waiting = known & ~action_results.c.told
        with self._database.writing() as connection:
            savepoint = connection.begin_nested()
            told = connection.execute(update(action_results).where(waiting).values(told=True).returning(_OFFER)).all()
            if len(told) == len(results) and write_plans(connection, plans):
                return True
            savepoint.rollback()
            return False

    def notice(self, key: str) -> Notice | None:
        """Return the notice with this key of a delivery; None if it is another message, or Slack does not have it."""
        query = select(deliveries).join(batches, batches.c.id == deliveries.c.dispatch)
        with self._database.reading() as connection:
            row = connection.execute(query.where(deliveries.c.key == key, batches.c.occasion == NOTICE)).one_or_none()
            if row is None or not row.ts:
                return None
            told = RESULTS.where(_KEY.in_([tuple(one) for one in row.told]))
            return Notice(row.recipient, row.channel, row.ts, read_results(connection, told))

    def endings(self, made_ids: Iterable[str]) -> tuple[ActionResult, ...]:
        """Return how exemptions were undone or ended, in the order of time."""
        ended = action_results.c.granted.in_(list(made_ids)) & action_results.c.action.in_(ENDINGS)
        with self._database.reading() as connection:
            return read_results(connection, RESULTS.where(ended))

    def showing(self, made_id: str) -> tuple[str, ...]:
        """Return the key of each notice that offers to end an exemption."""
        query = select(deliveries.c.key).join(batches, batches.c.id == deliveries.c.dispatch)
        offering = select(offers.c.message).where(offers.c.exemption == made_id)
        with self._database.reading() as connection:
            keys = connection.scalars(query.where(batches.c.occasion == NOTICE, deliveries.c.key.in_(offering)))
            return tuple(sorted(keys))


_OFFER = action_results.c.offer
