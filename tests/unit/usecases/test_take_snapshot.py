from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.domain.instance import FirstExempt, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap
from bailiff_bot.usecases.snapshots import Enrichment, TakeSnapshot
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, OWN_ACCOUNT, count_gaps, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.stores import FakeSnapshotStore

DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED, "AccessDenied")
GAPS = people_from_entries([("AGR", "agr@octo.example")], gaps=["Askbob is down"])


@dataclass
class FakeScanner:
    inventory: Inventory

    def scan(self, now: datetime, progress: Callable[[int, int], None]) -> Inventory:
        progress(0, 1)
        return replace(self.inventory, scanned_at=now)


@dataclass
class FakeDirectory:
    listed: People

    def people(self) -> People:
        return self.listed


def taker(
    found: Inventory, people: People = DIRECTORY, store: FakeSnapshotStore | None = None, now: datetime = NOW
) -> TakeSnapshot:
    return TakeSnapshot(
        FakeScanner(found),
        FakeDirectory(people),
        store or FakeSnapshotStore(),
        ImmediateExecutor(),
        FakeClock(now),
        lambda _done, _total: None,
        DEFAULT_POLICY,
    )


def test_a_snapshot_has_the_gaps_of_the_scan_and_of_the_directory() -> None:
    snapshot = taker(inventory([instance()], [DENIED]), GAPS)()
    assert snapshot.gaps == (DENIED, *GAPS.gaps)
    assert snapshot.inventory.scanned_at == NOW


def test_what_is_read_after_a_scan_is_in_the_snapshot_in_order() -> None:
    first, second = (replace(DENIED, reason=reason) for reason in ("first", "second"))

    def with_gap(gap: Gap) -> Enrichment:
        return lambda snapshot: replace(snapshot, other_gaps=(*snapshot.other_gaps, gap))

    take = replace(taker(inventory([instance()])), enrichments=(with_gap(first), with_gap(second)))
    assert take().other_gaps == (first, second)


def test_what_could_not_be_read_after_a_scan_is_logged_once_with_what_to_do() -> None:
    gap = Gap(GapSource.PRICES, None, "access denied", "AccessDenied", "allow it")
    take = replace(
        taker(inventory([instance()]), GAPS),
        enrichments=(lambda snapshot: replace(snapshot, other_gaps=(*snapshot.other_gaps, gap)), lambda same: same),
    )
    with capture_logs() as logs:
        take()
    [logged] = [one for one in logs if one["event"] == "prices.incomplete"]
    assert (logged["reason"], logged["detail"], logged["remedy"]) == ("access denied", "AccessDenied", "allow it")


def test_each_gap_is_logged_with_its_reason() -> None:
    with capture_logs() as logs:
        taker(inventory([instance()], [DENIED]), GAPS)()
    assert [(one["event"], one.get("reason")) for one in logs] == [
        ("scan.finished", None),
        ("target.unread", "access denied"),
        ("directory.incomplete", "Askbob is down"),
    ]


def test_a_fleet_that_shrank_since_the_last_scan_is_a_gap() -> None:
    store = FakeSnapshotStore()
    store.save(taker(inventory([instance(number) for number in range(400)]))())
    snapshot = taker(inventory([instance()]), store=store)()
    assert snapshot.gaps == count_gaps("the fleet shrank from 400 to 1 instances in the regions that were read")


def test_an_instance_keeps_the_time_at_which_it_was_first_seen_with_an_exempting_tag() -> None:
    store, exempt = FakeSnapshotStore(), instance(tags={"bailiff:exempt": ""})
    for days, one in enumerate((exempt, instance(), exempt)):
        found = taker(inventory([one]), store=store, now=NOW + timedelta(days=days))()
        [read] = found.inventory.instances
        assert read.first_exempt == FirstExempt("bailiff:exempt", NOW)
