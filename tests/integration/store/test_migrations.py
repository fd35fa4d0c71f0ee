"""Migrations from every earlier revision to the latest keep the data."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes, BrakeSwitch
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.audit_chain import Link
from bailiff_bot.domain.brake_switching import BrakeChange, SwitchVerdict
from bailiff_bot.domain.case import CaseMaker
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.delivery import BatchPlan, Run, delivery_key
from bailiff_bot.domain.instance import FirstExempt
from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import OwnershipClaims
from bailiff_bot.domain.price_age import StoredPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.saving_changes import ScanView, after_scan
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.triage import TRIAGE, TriageMessage, TriageState
from bailiff_bot.domain.usage_figures import DayFigures
from bailiff_bot.errors import StoreError
from bailiff_bot.store.action_brakes import SqlBrakeStore
from bailiff_bot.store.action_results import action_results
from bailiff_bot.store.audit import SqlAuditStore
from bailiff_bot.store.batches import batches
from bailiff_bot.store.database import Database
from bailiff_bot.store.delegations import SqlDelegationStore
from bailiff_bot.store.deletions import SqlDeletionStore
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.exemptions import SqlExemptionStore
from bailiff_bot.store.migrate import MIGRATIONS, VERSION_TABLE, migrate, revisions
from bailiff_bot.store.offers import SqlOfferStore, offers
from bailiff_bot.store.owner_sightings import SqlOwnerSightingStore
from bailiff_bot.store.ownership import SqlOwnershipStore
from bailiff_bot.store.plans import delivery_rows
from bailiff_bot.store.prices import SqlPriceStore
from bailiff_bot.store.savings import SqlSavingStore
from bailiff_bot.store.schedules import schedules
from bailiff_bot.store.schema import metadata
from bailiff_bot.store.snapshot_codec import VERSION, encode
from bailiff_bot.store.snapshots import SqlSnapshotStore, snapshots
from bailiff_bot.store.statements import insert
from bailiff_bot.store.store import ON_SEEN, Store, store_at
from bailiff_bot.store.told_instances import remember_told
from bailiff_bot.store.triage import encode_triage
from bailiff_bot.store.types import join_lines
from bailiff_bot.store.usage_days import SqlUsageStore
from tests.builders import DEFAULT_POLICY, DIRECTORY, IRELAND, instance, inventory
from tests.integration.store.builders import (
    ADA,
    BEN,
    CHANNEL,
    DAY,
    NOW,
    PARENT,
    assignment,
    disclaimer,
    grant,
    key,
    keys,
    new_batch,
    nudge,
    open_finding,
    plan,
    settle_delivery,
    trend_point,
)
from tests.saving_builders import PRICES, SUBJECT, stopped, told_of

SNAPSHOT = Snapshot(inventory([instance(1), instance(2)]), DIRECTORY)
EXEMPT = inventory([instance(1, tags={"bailiff:exempt": ""})])
OFFER = Offer("opaque", key().subject, "agr-web", ADA, "a message", NOW)
PLAN = plan(0, nudge(ADA, key()), findings=[open_finding(key())], point=trend_point())
LATER_PLAN = plan(1, findings=[open_finding(key(2))], point=trend_point(NOW + DAY))
TRIAGE_BATCH = new_batch(3, TRIAGE)
TRIAGE_PLAN = BatchPlan(
    TRIAGE_BATCH,
    (PARENT,),
    Run(TRIAGE_BATCH.id, NOW, encode_triage(delivery_key(TRIAGE_BATCH, PARENT.name, CHANNEL), [disclaimer()])),
)
NOTICE = plan(batch=new_batch(2, "delegation"))
DELEGATION = Delegation("one", ADA, "Ada", "ada@octo.example", BEN, "Ben", "AGR", NOW, NOW + DAY)
DONE = ActionResult(
    Offer("another", key().subject, "agr-web", ADA, "a message", NOW),
    Action.UNDO,
    ADA,
    "Ada",
    NOW,
    owners=("a@octo.example",),
)
BRAKES = Brakes(BrakeLimits())
USAGE = {IRELAND: {"i-1": {NOW.date(): DayFigures(1.0, 0.5, 0.1, None, 23)}}}
DELETION = Deletion(
    "deletion",
    ActionResult(
        Offer("delete", key().subject, "agr-web", ADA, "message", NOW),
        Action.DELETE,
        ADA,
        "Ada",
        NOW,
        "deletion",
        until=NOW + DAY,
        outcome=Outcome.PENDING,
    ),
    DeletionStage.IMAGING,
    NOW,
    "agr@octo.example",
    "bailiff-image",
)
PRICE_KEY, PRICE = PriceKey(PriceKind.STORAGE, "eu-west-1", "gp3"), ListedPrice(Decimal("0.0880"), "20260810215758")
SWITCH = BrakeSwitch(is_on=False, user_id=ADA, name="Ada", at=NOW)
RECORD = AuditRecord(NOW, Person(ADA, "Ada"), "keep", AuditResult.DONE, why="for a demo", after={"until": "2026-12-01"})


@contextmanager
def unmigrated_database(address: str) -> Iterator[Database]:
    """Open a database without migrating it."""
    database = Database(create_engines(address))
    yield database
    database.close()


def write_snapshot(database: Database) -> None:
    with database.writing() as connection:
        row = insert(connection, snapshots).values(
            version=VERSION, at=SNAPSHOT.inventory.scanned_at, content=encode(SNAPSHOT)
        )
        connection.execute(row)


def write_digest(database: Database) -> None:
    """Write a digest of which nothing is sent yet, as the version of revision 0002 does."""
    batch = PLAN.batch
    assert PLAN.run
    with database.writing() as connection:
        row = {"id": batch.id, "occasion": batch.kind, "slot": batch.slot, "recipient": batch.recipient}
        times = {"planned": batch.planned_at, "expires": batch.expires_at}
        memory = {"context": batch.context, "memory": PLAN.run.memory}
        connection.execute(insert(connection, batches).values(**row, **times, **memory))
        connection.execute(insert(connection, deliveries), [*delivery_rows(PLAN)])


def write_run(database: Database) -> None:
    assert SqlDeliveryStore(database, ON_SEEN).save_plan(LATER_PLAN)


def write_schedule(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(connection, schedules).values(text="0 9 * * * UTC", since=NOW, seen=NOW))


def write_exemption(database: Database) -> None:
    SqlExemptionStore(database).save(grant())


def check_snapshot(store: Store) -> None:
    assert store.snapshots.latest() == SNAPSHOT


def check_digest(store: Store) -> None:
    assert new_batch() in store.deliveries.unfinished()
    parent, _ = keys(store.deliveries, 0)
    history = store.digest_history.load()
    assert (history.open_findings, history.trend) == ((), ())
    assert history.last_nudges[ADA].still_listed == {key()}
    settle_delivery(store.deliveries, parent, "1.0")
    history = store.digest_history.load()
    assert (history.open_findings, history.trend) == ((open_finding(key()),), (trend_point(),))


def check_run(store: Store) -> None:
    [parent] = keys(store.deliveries, 1)
    settle_delivery(store.deliveries, parent, "2.0")
    history = store.digest_history.load()
    assert (history.open_findings, history.trend[-1]) == ((open_finding(key(2)),), trend_point(NOW + DAY))


def check_schedule(store: Store) -> None:
    assert store.schedules.record_use("0 9 * * * UTC", NOW + DAY) == NOW


def write_audit(database: Database) -> None:
    SqlAuditStore(database).append(RECORD)


def check_audit(store: Store) -> None:
    entries = store.audit.since(NOW)
    assert entries[0].record == RECORD
    assert store.audit.verify() == Link(entries[-1].number, entries[-1].hash)


def check_exemption(store: Store) -> None:
    assert store.exemptions.live(NOW) == (grant(),)


def write_offer(database: Database) -> None:
    """Write an offer, as the version of revision 0007 does."""
    target = OFFER.subject.target
    row = {"key": OFFER.key, "account": target.account, "region": target.region, "partition": target.partition}
    about = {"subject": OFFER.subject.id, "title": OFFER.title, "recipient": OFFER.recipient, "message": OFFER.message}
    with database.writing() as connection:
        connection.execute(insert(connection, offers).values(**row, **about, at=OFFER.at, exemption=OFFER.made_id))


def write_delegation(database: Database) -> None:
    SqlDelegationStore(database).begin(DELEGATION, NOTICE, RECORD)


def check_delegation(store: Store) -> None:
    assert store.delegations.live(NOW) == (DELEGATION,)


def check_offer(store: Store) -> None:
    assert store.offers.get(OFFER.key) == OFFER


def write_ownership(database: Database) -> None:
    SqlOwnershipStore(database).save(OwnershipClaims((disclaimer(),), (assignment(),)))


def check_ownership(store: Store) -> None:
    assert store.ownership.live(NOW) == OwnershipClaims((disclaimer(),), (assignment(),))


def write_result(database: Database) -> None:
    with database.writing() as connection:
        row = insert(connection, action_results).values(
            offer=DONE.offer.key,
            action=DONE.action,
            user_id=DONE.user_id,
            name=DONE.name,
            done=DONE.at,
            granted="",
            until=None,
            reason="",
            shown=True,
            acted_for="",
            owners=join_lines(DONE.owners),
            told=False,
        )
        connection.execute(row)
    SqlOfferStore(database).save([DONE.offer])


def check_result(store: Store) -> None:
    assert DONE in store.notices.waiting()


def write_triage(database: Database) -> None:
    assert SqlDeliveryStore(database, ON_SEEN).save_plan(TRIAGE_PLAN)


def check_triage(store: Store) -> None:
    [message] = keys(store.deliveries, 3)
    settle_delivery(store.deliveries, message, "3.0")
    shown = ((disclaimer(), TriageState.OPEN),)
    assert store.triage.open_messages() == (TriageMessage(message, CHANNEL, "3.0", shown),)


def write_first_exempt(database: Database) -> None:
    SqlSnapshotStore(database).record_first_exempt(EXEMPT, DEFAULT_POLICY)


def check_first_exempt(store: Store) -> None:
    [seen] = store.snapshots.record_first_exempt(replace(EXEMPT, scanned_at=NOW + DAY), DEFAULT_POLICY).instances
    assert seen.first_exempt == FirstExempt("bailiff:exempt", EXEMPT.scanned_at)


def write_brake(database: Database) -> None:
    SqlBrakeStore(database).change(NOW, lambda *_: BrakeChange(BRAKES, SwitchVerdict.SWITCH, SWITCH, RECORD))


def check_brake(store: Store) -> None:
    assert store.brakes.switch() == SWITCH


def write_deletion(database: Database) -> None:
    SqlOfferStore(database).save([DELETION.result.offer])
    assert SqlDeletionStore(database).request(DELETION, BRAKES, RECORD) is None


def check_deletion(store: Store) -> None:
    assert store.deletions.open() == (DELETION,)


def write_usage(database: Database) -> None:
    SqlUsageStore(database).save(USAGE)


def check_usage(store: Store) -> None:
    assert store.usage.since(NOW.date()) == USAGE


def write_owners(database: Database) -> None:
    cases = CaseMaker(DIRECTORY, DEFAULT_POLICY, {}, NOW)
    for hour, name in enumerate(("agr-box", "mlg-box")):
        found = tuple(cases.single([instance(1, name)]))
        SqlOwnerSightingStore(database).record(found, frozenset({IRELAND}), NOW + hour * DAY)


def check_owners(store: Store) -> None:
    assert store.owner_sightings.since(key(1).subject) == {"mlg@octo.example": NOW + DAY}
    assert [change.former for change in store.owner_changes.waiting()] == ["agr@octo.example"]


def write_price(database: Database) -> None:
    SqlPriceStore(database).save({PRICE_KEY: PRICE}, NOW)


def check_price(store: Store) -> None:
    assert store.prices.load() == {PRICE_KEY: StoredPrice(PRICE, NOW)}


def write_savings(database: Database) -> None:
    """Write a digest that told of an instance, and that it was stopped a day later."""
    told = told_of()
    savings = SqlSavingStore(database)
    with database.writing() as connection:
        remember_told(connection, Run("a run", told.seen_at, b""), (told,))
    before, at, now = savings.state(NOW + DAY), NOW + DAY, stopped(NOW + DAY)
    view = ScanView(at, {IRELAND}, {SUBJECT: now}, frozenset(), PRICES, lambda *_: True)
    assert savings.record(before, {SUBJECT: after_scan(SUBJECT, before.followed[SUBJECT], view)}, at)


def check_savings(store: Store) -> None:
    followed = store.savings.state(NOW + DAY).followed[SUBJECT]
    assert (followed.told, [one.since for one in followed.savings]) == (told_of(), [NOW + DAY])


EXAMPLES: dict[str, tuple[Callable[[Database], None], Callable[[Store], None]]] = {
    "0001": (write_snapshot, check_snapshot),
    "0002": (write_digest, check_digest),
    "0003": (write_schedule, check_schedule),
    "0004": (write_run, check_run),
    "0005": (write_audit, check_audit),
    "0006": (write_exemption, check_exemption),
    "0007": (write_offer, check_offer),
    "0008": (write_ownership, check_ownership),
    "0009": (write_delegation, check_delegation),
    "0010": (write_first_exempt, check_first_exempt),
    "0011": (write_result, check_result),
    "0012": (write_triage, check_triage),
    "0013": (write_brake, check_brake),
    "0014": (write_owners, check_owners),
    "0015": (write_deletion, check_deletion),
    "0016": (write_price, check_price),
    "0017": (write_usage, check_usage),
    "0018": (write_savings, check_savings),
}
"""For each revision: how to write data that it introduces, and how to check that data after the migration."""


def test_the_list_of_revisions_is_complete_and_in_order() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert tuple(script.revision for script in scripts) == revisions()[::-1]


@pytest.mark.parametrize("revision", revisions())
def test_data_of_every_revision_is_there_after_a_migration(empty_database: str, revision: str) -> None:
    introduced = [example_revision for example_revision in revisions() if example_revision <= revision]
    with unmigrated_database(empty_database) as database:
        for example_revision in introduced:
            with database.writing() as connection:
                migrate(connection, database.name, revision=example_revision)
            write, _ = EXAMPLES[example_revision]
            write(database)
    with store_at(empty_database) as store:
        for example_revision in introduced:
            _, check = EXAMPLES[example_revision]
            check(store)
        with store.database.reading() as connection:
            assert schema_differences(connection) == []


def schema_differences(connection: Connection) -> list[object]:
    """Return the differences between the tables in the database and in the code."""
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "target_metadata": metadata}
    )
    return list(compare_metadata(context, metadata))


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unmigrated_database(empty_database) as database:
        with database.writing() as connection:
            migrate(connection, database.name, revision="0001")
        with monkeypatch.context() as patch:
            patch.setattr("alembic.op.create_index", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError), database.writing() as connection:
                migrate(connection, database.name)
        with database.reading() as connection:
            assert not inspect(connection).has_table("dispatches")
    with store_at(empty_database) as store:
        assert store.deliveries.save_plan(PLAN)


def test_a_database_that_is_up_to_date_is_opened_without_alembic(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bailiff_bot.store.database.migrate", None)
    with store_at(address) as store:
        assert store.deliveries.unfinished() == ()


def test_a_database_of_a_newer_version_is_refused(empty_database: str) -> None:
    with store_at(empty_database) as store, store.database.writing() as connection:
        connection.exec_driver_sql(f"update {VERSION_TABLE} set version_num = '0999'")  # noqa: S608 - our own name
    with pytest.raises(StoreError, match=r"was migrated by a newer Bailiff \(revision 0999.*upgrade Bailiff") as raised:
        store_at(empty_database).open()
    assert "\n" not in str(raised.value)


def test_a_database_with_tables_of_another_program_is_refused_and_not_changed(empty_database: str) -> None:
    with unmigrated_database(empty_database) as database:
        with database.writing() as connection:
            connection.exec_driver_sql("create table people (shoe_size int)")
        with pytest.raises(StoreError, match=r"its table people is not Bailiff's.* its own database"):
            store_at(empty_database).open()
        with database.reading() as connection:
            assert inspect(connection).get_table_names() == ["people"]


def test_a_table_named_alembic_version_does_not_matter(empty_database: str) -> None:
    with unmigrated_database(empty_database) as database, database.writing() as connection:
        connection.exec_driver_sql("create table alembic_version (version_num text)")
    with store_at(empty_database) as store:
        assert store.deliveries.save_plan(PLAN)
