"""The disclaimers that triage has to decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.ownership import OwnershipClaims
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.triage import TriageState
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.triage_list import TriageList
from tests.builders import DIRECTORY, NOW, PARIS, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.executors import ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeExemptionStore
from tests.unit.triage_claims import DAY, assignment, disclaimer

WEB, DB, OLD = instance(1, "agr-web", age=40), instance(2, "agr-db", age=40), instance(3, "agr-old", age=40)
GONE, UNREAD = instance(4, "agr-gone"), instance(5, "agr-unread", target=PARIS)


@dataclass(slots=True)
class _Ownership:
    claims: OwnershipClaims

    def live(self, now: datetime) -> OwnershipClaims:
        running = tuple(one for one in self.claims.disclaimers if one.until > now)
        return OwnershipClaims(running, self.claims.assignments)


class _Results:
    def words(self, action: Action, made_ids: Iterable[str]) -> Mapping[str, str]:
        assert action is Action.NOT_MINE
        return {one: "ask Mel" for one in made_ids if one == disclaimer(WEB).id}


def triage(claims: OwnershipClaims) -> TriageList:
    clock, source = FakeClock(NOW + DAY), FakeSnapshotSource(Snapshot(inventory([WEB, DB, OLD]), DIRECTORY))
    reports = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, FakeExemptionStore(), _Ownership(claims)
    )
    return TriageList(_Ownership(claims), _Results(), reports, clock)


def test_the_list_has_what_nobody_has_decided_with_the_instance_as_it_is_now() -> None:
    said = (disclaimer(WEB), disclaimer(DB), disclaimer(OLD, until=NOW + DAY), disclaimer(GONE), disclaimer(UNREAD))
    items = triage(OwnershipClaims(said, (assignment(DB),))).open_items()
    assert [item.disclaimer for item in items] == [disclaimer(WEB), disclaimer(UNREAD)]
    assert [item.row and item.row.instance for item in items] == [WEB, None]
    assert [item.words for item in items] == ["ask Mel", ""]


def test_what_became_of_disclaimers_is_told_in_their_order_also_if_they_are_over() -> None:
    over = disclaimer(OLD, until=NOW + DAY)
    said = (over, disclaimer(DB), disclaimer(WEB))
    items = triage(OwnershipClaims(said, (assignment(DB),))).items(said)
    assert [item.state for item in items] == [TriageState.OVER, TriageState.ASSIGNED, TriageState.OPEN]
