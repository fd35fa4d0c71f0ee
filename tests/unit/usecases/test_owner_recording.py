"""After which scans owners are recorded, and what makes actions implausible."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.identity import NO_DIRECTORY, people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.owner_change import OwnerChangeCount
from bailiff_bot.domain.ownership import OwnershipClaims
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.usecases.implausible import Implausible
from bailiff_bot.usecases.owner_recording import OwnerAges, RecordingOwners
from tests.builders import ASG, DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, PARIS, count_gaps, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeOwnershipStore
from tests.unit.ownership_claims import assignment, claims

HOUR = timedelta(hours=1)
BOX = instance(1, "agr-box")
SHRUNK = count_gaps("the fleet shrank from 400 to 1 instances")


@dataclass(slots=True)
class Recorder:
    """Records who owned what in the last scan."""

    owners: dict[str, tuple[str, ...]] | None = None
    read: AbstractSet[Target] = field(default_factory=frozenset)
    at: datetime | None = None

    def record(self, cases: Sequence[Case], read: AbstractSet[Target], at: datetime) -> None:
        self.owners = {case.instance.id[-1]: case.identity.addresses for case in cases}
        self.read, self.at = read, at


def recorded(snapshot: Snapshot, said: OwnershipClaims | None = None) -> Recorder:
    store = Recorder()
    take = RecordingOwners(
        lambda: snapshot, store, FakeOwnershipStore(said or OwnershipClaims()), DEFAULT_POLICY, FakeClock(NOW)
    )
    assert take() is snapshot
    return store


def test_the_owners_of_a_scan_are_recorded_with_its_time_and_what_it_read() -> None:
    scanned = inventory([BOX, instance(2, None, tags={"Owner": "mlg, agr"}), instance(3, "x")], read=[IRELAND, PARIS])
    store = recorded(Snapshot(scanned, DIRECTORY))
    assert store.owners == {"1": ("agr@octo.example",), "2": ("mlg@octo.example", "agr@octo.example"), "3": ()}
    assert (store.read, store.at) == ({IRELAND, PARIS}, scanned.scanned_at)


def test_an_assignment_counts_and_so_does_an_instance_that_a_tag_exempts() -> None:
    exempt = instance(2, "agr-two", tags={"bailiff:exempt": ""})
    store = recorded(Snapshot(inventory([BOX, exempt]), DIRECTORY), claims(assignment(BOX, assigned_at=NOW - HOUR)))
    assert store.owners == {"1": ("mlg@octo.example",), "2": ("agr@octo.example",)}


def test_the_machines_of_a_controller_are_not_recorded() -> None:
    assert recorded(Snapshot(inventory([instance(1, tags={ASG: "agr-web"})]), DIRECTORY)).owners == {}


def test_without_a_directory_owners_are_recorded_too() -> None:
    scanned = inventory([instance(1, "agr-box", tags={"Owner": "agr@octo.example"})])
    assert recorded(Snapshot(scanned, NO_DIRECTORY)).owners == {"1": ("agr@octo.example",)}


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        (Snapshot(inventory([BOX]), people_from_entries([], gaps=["Askbob is down"])), "Askbob is down"),
        (Snapshot(inventory([BOX]), DIRECTORY, SHRUNK), SHRUNK[0].reason),
    ],
    ids=["an unread directory", "an implausible fleet"],
)
def test_a_scan_of_which_the_owners_are_not_certain_changes_nothing(snapshot: Snapshot, reason: str) -> None:
    with capture_logs() as logs:
        assert recorded(snapshot).owners is None
    assert [(one["event"], one["reason"]) for one in logs] == [("owners.not_recorded", reason)]


def test_an_unread_target_hinders_no_other() -> None:
    denied = unread_gap(PARIS, UnreadReason.ACCESS_DENIED)
    assert recorded(Snapshot(inventory([BOX], [denied]), DIRECTORY)).read == {IRELAND}


class Since:
    def since(self, subject: Subject) -> Mapping[str, datetime]:
        return {"agr@octo.example": NOW} if subject == instance_subject(BOX) else {}


def test_an_owner_has_an_age_and_everybody_else_has_none() -> None:
    ages, later = OwnerAges(Since()), NOW + 25 * HOUR
    assert ages.owned_for(instance_subject(BOX), "agr@octo.example", later) == 25 * HOUR
    assert ages.owned_for(instance_subject(BOX), "mlg@octo.example", later) == timedelta()
    assert ages.owned_for(instance_subject(instance(2)), "agr@octo.example", later) == timedelta()


@dataclass(slots=True)
class Scanned:
    """What the last scan showed."""

    latest: Snapshot | None
    count: OwnerChangeCount = field(default_factory=lambda: OwnerChangeCount(0, 0))

    def changed(self, now: datetime) -> OwnerChangeCount:
        assert now == NOW
        return self.count


FINE = Snapshot(inventory([BOX]), DIRECTORY)


@pytest.mark.parametrize(
    ("scanned", "reason"),
    [
        (Scanned(FINE), ""),
        (Scanned(None), "nothing was scanned yet"),
        (Scanned(Snapshot(inventory([BOX]), DIRECTORY, SHRUNK)), SHRUNK[0].reason),
        (Scanned(FINE, OwnerChangeCount(1200, 9000)), "1,200 of 9,000 instances changed their owner in 24 hours"),
        (Scanned(FINE, OwnerChangeCount(20, 20)), ""),
    ],
    ids=["plausible", "no scan", "the fleet shrank", "many owners changed", "few owners changed"],
)
def test_what_was_scanned_may_be_implausible(scanned: Scanned, reason: str) -> None:
    assert Implausible(scanned, scanned, FakeClock(NOW)).reason() == reason
