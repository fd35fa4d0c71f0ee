from collections.abc import Iterable
from datetime import timedelta
from threading import Event

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY, People, people
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Reason, Unread
from bailiff_bot.domain.owner import Owner
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.errors import Ambiguous, Refused, SlackError
from bailiff_bot.service import Bailiff, Mine
from bailiff_bot.snapshots import Snapshot, Snapshots
from tests.fakes import AtOnce, FakeCamera, FakeClock, FakeMessenger, FakeRoster
from tests.unit.builders import DIRECTORY, NOW, OURS, instance, inventory

ADA, MEL, PAM = Owner("U1", "Ada"), Owner("U2", "Mel"), Owner("U3", "Pam")
ROSTER = {"agr@octo.example": ADA, "mlg@octo.example": MEL, "pade@octo.example": PAM}
OWING = (
    instance(1, "agr-a", age=40),
    instance(2, "mlg-a", age=40),
    instance(3, "pade-a", age=40),
    instance(4, "zzz-a"),
)


def bailiff(instances: Iterable[Instance] = OWING, known: People = DIRECTORY, unread: Iterable[Unread] = ()) -> Bailiff:
    camera = FakeCamera(Snapshot(inventory(instances, unread), known))
    return Bailiff(Snapshots(camera, AtOnce(), timedelta(minutes=15), FakeClock(NOW)), Policy(), FakeClock(NOW))


def roster() -> FakeRoster:
    return FakeRoster(ROSTER)


def found(answer: Mine | None) -> set[str]:
    assert answer
    return ids(answer.report)


def ids(report: Report) -> set[str]:
    return {one.id[-1] for row in report.rows for one in row.instances}


# --- the digest, and then the nudges ---


def test_the_digest_is_posted_before_anybody_is_told_and_the_outcome_last() -> None:
    messenger = FakeMessenger()
    bailiff().digest(roster(), messenger, "on")
    assert messenger.events[0] == "digest"
    assert sorted(messenger.events[1:-1]) == ["nudge U1", "nudge U2", "nudge U3"]
    assert messenger.events[-1] == "outcome"


def test_each_owner_is_told_once_of_all_that_is_owed() -> None:
    messenger = FakeMessenger()
    bailiff([*OWING, instance(5, "agr-b", stopped=20)]).digest(roster(), messenger, "on")
    owed = {debts.owner: [row.instance.id[-1] for row in debts.rows] for debts in messenger.nudged}
    assert owed == {ADA: ["5", "1"], MEL: ["2"], PAM: ["3"]}


@pytest.mark.parametrize("error", [Refused("Slack said no", "user_disabled"), Ambiguous("no answer"), SlackError("x")])
def test_one_owner_who_cannot_be_told_keeps_no_other_from_being_told(error: SlackError) -> None:
    messenger = FakeMessenger(failing={"U1": error})
    bailiff().digest(roster(), messenger, "on")
    assert messenger.told == {"U2", "U3"}


def test_an_owner_who_could_not_be_told_is_reported_with_the_reason() -> None:
    messenger = FakeMessenger(failing={"U2": Refused("Slack said no", "user_disabled")})
    outcome = bailiff().digest(roster(), messenger, "on")
    [[untold]] = messenger.outcomes
    assert (untold.debts.owner, untold.reason) == (MEL, "Slack said no")
    assert (outcome.told, outcome.faults) == (2, (f"{MEL.name} could not be told: Slack said no",))


def test_a_failure_that_nobody_foresaw_keeps_no_other_from_being_told() -> None:
    messenger = FakeMessenger(failing={"U1": ValueError("a message that cannot be drawn")})
    outcome = bailiff().digest(roster(), messenger, "on")
    assert messenger.told == {"U2", "U3"}
    [[untold]] = messenger.outcomes
    assert (untold.debts.owner, outcome.told) == (ADA, 2)


def test_one_owner_who_is_slow_to_be_told_delays_no_other() -> None:
    messenger, others = FakeMessenger(), Event()

    def on_nudge(user_id: str) -> None:
        if user_id == "U1":
            assert others.wait(5)
        elif user_id == "U3":
            others.set()

    messenger.on_nudge = on_nudge
    bailiff().digest(roster(), messenger, "on")
    assert messenger.told == {"U1", "U2", "U3"}


@pytest.mark.parametrize(
    ("nudges", "preview_for"), [("dry-run", None), ("off", None), ("on", "U9"), ("dry-run", "U9"), ("off", "U9")]
)
def test_nobody_is_told_in_a_dry_run_when_off_or_in_a_preview(nudges: str, preview_for: str | None) -> None:
    messenger = FakeMessenger()
    outcome = bailiff().digest(roster(), messenger, nudges, preview_for)
    assert messenger.events == ["digest"]
    assert (outcome.digest.preview_for, outcome.digest.nudges) == (preview_for, nudges)
    assert [debts.owner for debts in outcome.digest.debts] == [ADA, MEL, PAM]


def test_nobody_is_told_of_a_digest_that_was_not_posted() -> None:
    messenger = FakeMessenger(digest_fails=Refused("Slack said no", "not_in_channel"))
    with pytest.raises(Refused):
        bailiff().digest(roster(), messenger, "on")
    assert messenger.events == ["digest"]


def test_whom_nobody_was_found_for_is_in_the_digest_with_the_reason() -> None:
    outcome = bailiff().digest(FakeRoster({"agr@octo.example": ADA}), FakeMessenger(), "on")
    assert {one.whose: one.reason for one in outcome.digest.unclaimed} == {
        "MLG": "no active Slack user has mlg@octo.example",
        "PADE": "no active Slack user has pade@octo.example",
        "ZZZ": "the directory does not know it",
    }


def test_slack_is_asked_once_and_only_for_those_who_owe() -> None:
    asked = roster()
    bailiff([*OWING[:2], instance(7, "noa-a", age=40)]).digest(asked, FakeMessenger(), "on")
    assert asked.asked == [{"agr@octo.example", "mlg@octo.example"}]


def test_when_nothing_is_owed_the_digest_is_posted_and_nobody_told() -> None:
    messenger = FakeMessenger()
    bailiff([instance()]).digest(roster(), messenger, "on")
    assert messenger.events == ["digest"]


def test_a_digest_speaks_of_a_scan_that_is_made_for_it() -> None:
    camera = FakeCamera(Snapshot(inventory([instance(1)]), DIRECTORY), Snapshot(inventory(OWING), DIRECTORY))
    snapshots = Snapshots(camera, AtOnce(), timedelta(minutes=15), FakeClock(NOW))
    one = Bailiff(snapshots, Policy(), FakeClock(NOW))
    assert one.report().count == 1
    assert one.digest(roster(), FakeMessenger(), "off").digest.report.count == len(OWING)


# --- mine ---


def test_mine_is_what_stands_under_the_identifier_of_an_address() -> None:
    answer = bailiff().mine("Agr@Octo.Example")
    assert found(answer) == {"1"}
    assert answer
    assert "AGR" in answer.whose
    assert answer.shared == ()


def test_mine_is_what_stands_under_all_the_identifiers_of_an_address() -> None:
    known = people([("AGR", "a@octo.example"), ("MLG", "a@octo.example")])
    assert found(bailiff(known=known).mine("a@octo.example")) == {"1", "2"}


def test_mine_is_also_what_an_owner_tag_gives_to_the_address() -> None:
    tagged = [*OWING, instance(5, None, tags={"Owner": "agr@octo.example"}), instance(6, None, tags={"owner": "AGR"})]
    assert found(bailiff(tagged).mine("agr@octo.example")) == {"1", "5", "6"}


def test_somebody_who_is_in_no_directory_can_still_be_in_a_tag() -> None:
    tagged = [*OWING, instance(5, None, tags={"Owner": "New@Octo.example"})]
    for known in (DIRECTORY, NO_DIRECTORY):
        answer = bailiff(tagged, known).mine("new@octo.example")
        assert found(answer) == {"5"}
        assert answer
        assert answer.whose == ("new@octo.example",)


def test_mine_of_a_stranger_is_nothing() -> None:
    assert bailiff().mine("stranger@octo.example") is None


def test_mine_of_somebody_who_has_nothing_is_empty() -> None:
    answer = bailiff([instance(2, "mlg-a")]).mine("agr@octo.example")
    assert answer
    assert answer.report.count == 0


def test_an_identifier_that_two_people_claim_is_left_out_and_named() -> None:
    known = people([("AGR", "a@octo.example"), ("DUO", "a@octo.example"), ("DUO", "b@octo.example")])
    answer = bailiff([*OWING, instance(5, "duo-a")], known).mine("a@octo.example")
    assert found(answer) == {"1"}
    assert answer
    assert "DUO" not in answer.whose
    assert answer.shared == ("DUO",)


def test_what_mine_showed_can_be_asked_for_again_by_what_it_was_asked() -> None:
    one = bailiff([*OWING, instance(5, None, tags={"Owner": "agr@octo.example"})])
    answer = one.mine("Agr@octo.example")
    assert answer
    assert one.mine(answer.asked) == answer


def test_without_a_directory_the_address_in_a_tag_leads_to_the_owner_of_the_name() -> None:
    answer = bailiff([*OWING, instance(5, "agr-b", tags={"Owner": "new@octo.example"})], NO_DIRECTORY).mine(
        "new@octo.example"
    )
    assert found(answer) == {"5"}
    assert answer
    assert answer.whose == ("AGR",)


def test_mine_keeps_the_coverage_of_the_whole() -> None:
    answer = bailiff(unread=[Unread(Target(OURS, "sa-east-1"), Reason.ACCESS_DENIED)]).mine("agr@octo.example")
    assert answer
    assert [one.target.region for one in answer.report.coverage.unread] == ["sa-east-1"]


@pytest.mark.parametrize(
    ("identifier", "known"),
    [
        ("AGR", DIRECTORY),
        ("AGR", NO_DIRECTORY),
        ("AGR", people([], gaps=["Askbob is down"])),
        ("AGR", people([])),
        ("AGR", people([("AGR", "a@octo.example"), ("AGR", "b@octo.example")])),
    ],
    ids=["known", "no directory", "directory down", "unknown to it", "claimed twice"],
)
def test_who_types_an_identifier_gets_what_carries_it_whatever_the_directory_says(
    identifier: str, known: People
) -> None:
    assert ids(bailiff(known=known).under(identifier).report) == {"1"}


# --- reports ---


def test_a_report_is_judged_at_the_instant_in_which_it_is_asked_for() -> None:
    clock = FakeClock(NOW)
    camera = FakeCamera(Snapshot(inventory([instance(1, "agr-a", age=29)]), DIRECTORY))
    one = Bailiff(Snapshots(camera, AtOnce(), timedelta(days=9), clock), Policy(), clock)
    assert one.report().debts == 0
    clock.move(timedelta(days=1))
    assert (one.report().debts, camera.taken) == (1, 1)


def test_answers_come_at_once_from_the_first_snapshot_on() -> None:
    one = bailiff()
    assert not one.has_snapshot
    one.report()
    assert one.has_snapshot


def test_what_the_directory_said_is_that_of_the_snapshot() -> None:
    assert bailiff(known=NO_DIRECTORY).people() is NO_DIRECTORY
