from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.identity import NO_DIRECTORY, People, people_from_entries
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.ownership import live_ownership
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.report_filter import ReportFilter
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.usecases.reports import Reports
from tests.builders import ASG, DIRECTORY, NOW, OWN_ACCOUNT, count_gaps, instance, inventory, report
from tests.fakes.clock import FakeClock
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeExemptionStore, FakeOwnershipStore
from tests.unit.ownership_claims import TRIAGE_DAYS, assignment, claims, disclaimer

FLAGGED = (
    instance(1, "agr-a", age=40),
    instance(2, "mlg-a", age=40),
    instance(3, "pade-a", age=40),
    instance(4, "zzz-a"),
)


def make_reports(
    instances: Iterable[Instance] = FLAGGED, people: People = DIRECTORY, unread: Iterable[Gap] = ()
) -> Reports:
    clock, source = FakeClock(NOW), FakeSnapshotSource(Snapshot(inventory(instances, unread), people))
    return Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, FakeExemptionStore(), FakeOwnershipStore()
    )


def part_of(reports: Reports, owner: str) -> ReportPart:
    return reports.part(ReportFilter(owners=(owner,)))


def own_ids(part: ReportPart) -> set[str]:
    return ids(part.report)


def ids(report: Report) -> set[str]:
    return {one.id[-1] for row in report.rows for one in row.instances}


def flagged_ids(report: Report) -> set[str]:
    return {row.instance.id[-1] for row in report.flagged}


def kept(one: Instance, until: datetime) -> Grant:
    return Grant("1", instance_subject(one), frozenset(RuleId), until, "a demo", "U1", "Ada", NOW)


# --- mine ---


def test_mine_has_the_instances_of_the_addresss_identifier() -> None:
    answer = part_of(make_reports(), "agr@octo.example")
    assert own_ids(answer) == {"1"}
    assert "AGR" in answer.owner_keys
    assert answer.ambiguous == ()


def test_mine_has_the_instances_of_all_identifiers_of_an_address() -> None:
    known = people_from_entries([("AGR", "a@octo.example"), ("MLG", "a@octo.example")])
    assert own_ids(part_of(make_reports(people=known), "a@octo.example")) == {"1", "2"}


def test_mine_has_the_instances_that_an_owner_tag_gives_to_the_address() -> None:
    tagged = [*FLAGGED, instance(5, None, tags={"Owner": "agr@octo.example"}), instance(6, None, tags={"owner": "AGR"})]
    assert own_ids(part_of(make_reports(tagged), "agr@octo.example")) == {"1", "5", "6"}


def test_mine_has_the_instances_of_several_owners_for_each_under_their_own_keys_only() -> None:
    shared = make_reports([instance(5, None, tags={"Owner": "agr / new@octo.example / ZZZ"})])
    for address, owner_key in (("agr@octo.example", "AGR"), ("new@octo.example", "new@octo.example")):
        answer = part_of(shared, address)
        assert own_ids(answer) == {"5"}
        assert answer.owner_keys == (owner_key,)
    assert ids(part_of(shared, "AGR").report) == ids(part_of(shared, "ZZZ").report) == {"5"}


def test_a_person_outside_the_directory_can_be_in_an_owner_tag() -> None:
    tagged = [*FLAGGED, instance(5, None, tags={"Owner": "New@Octo.example"})]
    for known in (DIRECTORY, NO_DIRECTORY):
        answer = part_of(make_reports(tagged, known), "new@octo.example")
        assert own_ids(answer) == {"5"}
        assert answer.owner_keys == ("new@octo.example",)


def test_of_an_unknown_address_nobody_knows_what_it_owns() -> None:
    part = part_of(make_reports(), "stranger@octo.example")
    assert (part.unlisted, part.owner_keys) == (("stranger@octo.example",), ())
    assert part_of(make_reports(), "agr@octo.example").unlisted == ()


def test_mine_of_a_person_without_instances_is_empty() -> None:
    answer = part_of(make_reports([instance(2, "mlg-a")]), "agr@octo.example")
    assert answer.report.count == 0


def test_an_identifier_that_two_people_claim_is_left_out_and_named() -> None:
    known = people_from_entries([("AGR", "a@octo.example"), ("DUO", "a@octo.example"), ("DUO", "b@octo.example")])
    answer = part_of(make_reports([*FLAGGED, instance(5, "duo-a")], known), "a@octo.example")
    assert own_ids(answer) == {"1"}
    assert "DUO" not in answer.owner_keys
    assert answer.ambiguous == ("DUO",)


def test_without_a_directory_the_address_in_a_tag_leads_to_the_owner_of_the_name() -> None:
    answer = part_of(
        make_reports([*FLAGGED, instance(5, "agr-b", tags={"Owner": "new@octo.example"})], NO_DIRECTORY),
        "new@octo.example",
    )
    assert own_ids(answer) == {"5"}
    assert answer.owner_keys == ("AGR",)


def test_mine_keeps_the_gaps_of_the_whole_report() -> None:
    denied = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
    answer = part_of(make_reports(unread=[denied]), "agr@octo.example")
    assert [gap.where and gap.where.region for gap in answer.report.gaps] == ["sa-east-1"]


@pytest.mark.parametrize(
    ("identifier", "known"),
    [
        ("AGR", DIRECTORY),
        ("AGR", NO_DIRECTORY),
        ("AGR", people_from_entries([], gaps=["Askbob is down"])),
        ("AGR", people_from_entries([])),
        ("AGR", people_from_entries([("AGR", "a@octo.example"), ("AGR", "b@octo.example")])),
    ],
    ids=["known", "no directory", "directory down", "unknown to it", "claimed twice"],
)
def test_mine_with_an_identifier_has_its_instances_for_any_directory(identifier: str, known: People) -> None:
    assert ids(part_of(make_reports(people=known), identifier).report) == {"1"}


# --- reports ---


def test_a_report_is_judged_as_of_its_scan() -> None:
    clock, renewals = FakeClock(NOW), DeferredExecutor()
    source = FakeSnapshotSource(Snapshot(inventory([instance(1, "agr-a", age=29)]), DIRECTORY))
    one = Reports(make_snapshots(source, renewals, clock), Policy(), clock, FakeExemptionStore(), FakeOwnershipStore())
    one.after_next_scan(lambda _: None)
    renewals.run_pending()
    assert one.current().flagged_count == 0
    clock.advance(timedelta(days=15))
    assert (one.current().flagged_count, source.calls) == (0, 1)


def test_has_snapshot_is_true_after_the_first_snapshot() -> None:
    one = make_reports()
    assert not one.has_snapshot
    one.current()
    assert one.has_snapshot


def test_a_fresh_report_uses_a_scan_of_its_own() -> None:
    clock = FakeClock(NOW)
    source = FakeSnapshotSource(Snapshot(inventory([instance(1)]), DIRECTORY), Snapshot(inventory(FLAGGED), DIRECTORY))
    one = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, FakeExemptionStore(), FakeOwnershipStore()
    )
    assert one.current().count == 1
    snapshot, report = one.from_new_scan()
    assert report.count == len(snapshot.inventory.instances) == len(FLAGGED)


def test_a_report_has_the_gaps_of_its_scan() -> None:
    clock, gaps = FakeClock(NOW), count_gaps("the fleet shrank")
    source = FakeSnapshotSource(Snapshot(inventory(FLAGGED), DIRECTORY, gaps))
    one = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, FakeExemptionStore(), FakeOwnershipStore()
    )
    assert (one.current().gaps, one.from_new_scan()[1].gaps) == (gaps, gaps)


@pytest.mark.parametrize("result", [Snapshot(inventory(FLAGGED), DIRECTORY), OSError("no network")])
def test_a_callback_gets_the_first_scan_even_if_it_failed(result: Snapshot | Exception) -> None:
    clock, scans, errors = FakeClock(NOW), DeferredExecutor(), list[object]()
    one = Reports(
        make_snapshots(FakeSnapshotSource(result), scans, clock),
        Policy(),
        clock,
        FakeExemptionStore(),
        FakeOwnershipStore(),
    )
    one.after_next_scan(lambda scan: errors.append(scan.exception()))
    assert errors == []
    scans.run_pending()
    assert errors == [result if isinstance(result, Exception) else None]


def test_people_are_those_of_the_snapshot() -> None:
    assert make_reports(people=NO_DIRECTORY).people() is NO_DIRECTORY


# --- exemptions ---


def test_an_exemption_counts_from_the_next_report_on_until_it_ends() -> None:
    clock, exemptions = FakeClock(NOW), FakeExemptionStore()
    source = FakeSnapshotSource(Snapshot(inventory(FLAGGED), DIRECTORY))
    reports = Reports(
        make_snapshots(source, ImmediateExecutor(), clock), Policy(), clock, exemptions, FakeOwnershipStore()
    )
    before = reports.current()
    exemptions.grants.append(kept(FLAGGED[0], NOW + timedelta(minutes=5)))

    assert flagged_ids(reports.current()) == flagged_ids(before) - {"1"}
    assert flagged_ids(reports.from_new_scan()[1]) == flagged_ids(before) - {"1"}
    clock.pause(300)
    assert flagged_ids(reports.current()) == flagged_ids(before)


def test_a_report_is_not_judged_again_as_long_as_nothing_changes() -> None:
    reports = make_reports()
    assert reports.current() is reports.current()


# --- what people said of who owns an instance ---


def reports_with(people: People = DIRECTORY) -> tuple[Reports, FakeOwnershipStore, FakeClock]:
    clock, store = FakeClock(NOW), FakeOwnershipStore()
    snapshots = make_snapshots(FakeSnapshotSource(Snapshot(inventory(FLAGGED), people)), ImmediateExecutor(), clock)
    return Reports(snapshots, Policy(), clock, FakeExemptionStore(), store), store, clock


def test_what_people_said_counts_from_the_next_report_on_and_judges_no_name() -> None:
    reports, store, clock = reports_with()
    before = reports.current()
    store.claims = claims(disclaimer(FLAGGED[0]), assignment(FLAGGED[1], "pade"))

    for after in (reports.current(), reports.from_new_scan()[1]):
        assert [row.findings for row in after.rows] == [row.findings for row in before.rows]
        assert {row.instance.name: row.identity.owner_keys for row in after.rows} == {
            "agr-a": (),
            "mlg-a": ("PADE",),
            "pade-a": ("PADE",),
            "zzz-a": (),
        }
    assert reports.current() is reports.current()
    clock.pause(TRIAGE_DAYS.total_seconds())
    assert ids(part_of(reports, "agr@octo.example").report) == {"1"}


def test_an_assigned_owner_does_not_make_an_unknown_identifier_known() -> None:
    reports, store, _ = reports_with()
    unknown = FLAGGED[3]
    store.claims = claims(assignment(unknown))
    [row] = [row for row in reports.current().flagged if row.instance == unknown]
    assert [finding.rule for finding in row.findings] == [RuleId.KNOWN_OWNER]
    assert row.identity.owner_keys == ("MLG",)
    assert ids(part_of(reports, "ZZZ").report) == {"4"}


@pytest.mark.parametrize("owner", ["agr@octo.example", "AGR"])
def test_mine_has_nothing_that_was_said_to_be_somebody_elses(owner: str) -> None:
    reports, store, _ = reports_with()
    store.claims = claims(disclaimer(FLAGGED[0]))
    part = part_of(reports, owner)
    assert (ids(part.report), part.unlisted) == (set(), ())
    store.claims = claims(assignment(FLAGGED[0]))
    assert ids(part_of(reports, owner).report) == set()
    assert ids(part_of(reports, "mlg@octo.example").report) == {"1", "2"}


def test_who_said_not_mine_of_everything_is_not_unknown() -> None:
    tagged = instance(5, "box", tags={"Owner": "new@octo.example"})
    clock, store = FakeClock(NOW), FakeOwnershipStore(claims(disclaimer(tagged, "new")))
    source = FakeSnapshotSource(Snapshot(inventory([tagged]), DIRECTORY))
    snapshots = make_snapshots(source, ImmediateExecutor(), clock)
    reports = Reports(snapshots, Policy(), clock, FakeExemptionStore(), store)
    part = part_of(reports, "new@octo.example")
    assert (ids(part.report), part.unlisted) == (set(), ())


def test_what_was_said_of_a_controller_counts_for_all_its_machines() -> None:
    machines = [instance(number, "agr-x", age=40, tags={ASG: "agr-web"}) for number in (1, 2)]
    [before] = report(*machines).flagged
    said = replace(disclaimer(before.instance), subject=subject_of(before))
    live = live_ownership(claims(said), NOW)
    judged = judge(Snapshot(inventory(machines), DIRECTORY), Policy(), NOW, ownership=live)
    assert [(row.count, row.identity.candidates) for row in judged.flagged] == [(2, ())]
    tagged = [replace(one, tags={**one.tags, "Owner": "agr"}) for one in machines]
    judged = judge(Snapshot(inventory(tagged), DIRECTORY), Policy(), NOW, ownership=live)
    assert [row.identity.owner_keys for row in judged.flagged] == [("AGR",)]
