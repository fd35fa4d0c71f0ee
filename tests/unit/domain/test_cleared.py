"""What ends because of the metrics is called in use, or not idle any more: nobody fixed it, so nobody is thanked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.history import DigestHistory, FindingKey, LastNudge, finding_keys
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.owner import NoOwner, OwnersByAddress, owner_addresses
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.rules import RuleId, policy_fingerprint
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import instance_subject
from tests.builders import ASG, DIRECTORY, IRELAND, NOW, count_gaps, days_ago, instance, inventory, with_usage

POLICY = Policy(reads_usage=True)
YESTERDAY = NOW - timedelta(days=1)
IDLE = with_usage(instance(1, "agr-a", age=20))
ASKED = with_usage(instance(1, "agr-a", age=90), cpu=6)
USED = with_usage(instance(1, "agr-a", age=20), cpu=30)
QUIET = with_usage(instance(1, "agr-a", age=20), cpu=6)
NOT_KNOWN = replace(instance(1, "agr-a", age=20, instance_type="g5.xlarge"), usage=QUIET.usage)
KEY = FindingKey(instance_subject(IDLE), RuleId.STOPPED_WHEN_UNUSED)


def found(*instances: Instance, policy: Policy = POLICY, gaps: tuple[Gap, ...] = ()) -> Report:
    return judge(Snapshot(inventory(instances, read=[IRELAND]), DIRECTORY, gaps), policy, NOW)


def changes(now: Report, *instances: Instance, history: DigestHistory) -> Changes:
    owners: OwnersByAddress = dict.fromkeys(owner_addresses(now), NoOwner("a guest"))
    return compare(now, owners, inventory(instances, read=[IRELAND]), history)


def after(*earlier: Instance, policy: Policy = POLICY) -> DigestHistory:
    """Return the history after a digest of yesterday."""
    report = found(*earlier, policy=policy)
    first = changes(report, *earlier, history=DigestHistory())
    past = tuple(replace(one, first_seen=YESTERDAY, last_seen=YESTERDAY) for one in first.open_findings)
    return DigestHistory(past, policy_fingerprint=policy_fingerprint(policy))


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (IDLE, USED, Cleared.IN_USE),
        (ASKED, replace(USED, launched_at=ASKED.launched_at), Cleared.IN_USE),
        (IDLE, replace(USED, launched_at=days_ago(0.5)), Cleared.IN_USE),
        (IDLE, QUIET, Cleared.NOT_IDLE),
        (IDLE, NOT_KNOWN, Cleared.NOT_IDLE),
    ],
)
def test_what_ended_because_of_its_metrics_is_not_fixed(before: Instance, now: Instance, reason: Cleared) -> None:
    seen = changes(found(now), now, history=after(before))
    assert (seen.fixed, seen.undetermined_subjects, seen.open_findings) == ((), (), ())
    assert [one.key for one in seen.cleared_subjects] == [KEY]
    assert seen.cleared == {KEY: reason}


@pytest.mark.parametrize(
    "now",
    [
        (),
        (instance(1, "agr-a", age=20, stopped=0.5),),
        (replace(QUIET, launched_at=days_ago(0.5)),),
        (replace(USED, tags={"Name": "agr-a", "bailiff:exempt": "2026-12-01"}),),
    ],
    ids=["gone", "stopped", "restarted", "exempt"],
)
def test_what_somebody_did_is_fixed(now: tuple[Instance, ...]) -> None:
    seen = changes(found(*now), *now, history=after(IDLE))
    assert ([one.key for one in seen.fixed], seen.cleared, seen.cleared_subjects) == ([KEY], {}, ())


def test_an_instance_with_another_finding_that_was_fixed_is_fixed() -> None:
    before = replace(IDLE, tags={"Name": "x"})
    seen = changes(found(USED), USED, history=after(before))
    assert ([one.key.rule for one in seen.fixed], seen.cleared_subjects) == ([RuleId.OWNED], ())
    assert seen.cleared == {KEY: Cleared.IN_USE}


def test_an_instance_with_another_finding_is_still_open() -> None:
    before, now = replace(IDLE, tags={"Name": "x"}), replace(USED, tags={"Name": "x"})
    seen = changes(found(now), now, history=after(before))
    assert (len(seen.still_open), seen.fixed, seen.cleared_subjects) == (1, (), ())
    assert seen.cleared == {KEY: Cleared.IN_USE}


def test_a_controller_is_in_use_if_a_machine_is() -> None:
    group = {ASG: "agr-web", "Name": "agr-web"}
    before = [replace(with_usage(instance(number, None, age=20)), tags=group) for number in (1, 2)]
    now = [before[0], with_usage(before[1], cpu=30)]
    seen = changes(found(*now), *now, history=after(*before))
    assert ([one.count for one in seen.cleared_subjects], seen.fixed) == ([2], ())


def test_while_usage_is_not_read_or_a_count_is_not_plausible_nothing_is_cleared() -> None:
    off = Policy()
    seen = changes(found(USED, policy=off), USED, history=after(instance(1, "agr-a", age=40), policy=off))
    assert ([one.key for one in seen.fixed], seen.cleared) == ([KEY], {})
    unsure = changes(found(USED, gaps=count_gaps("the fleet shrank")), USED, history=after(IDLE))
    assert ([one.key for one in unsure.undetermined_subjects], unsure.cleared) == ([KEY], {})


def test_after_a_change_of_the_rules_it_is_called_that() -> None:
    seen = changes(found(USED), USED, history=after(instance(1, "agr-a", age=40), policy=Policy()))
    assert ([one.key for one in seen.dropped_subjects], seen.cleared) == ([KEY], {})


def test_an_unread_target_clears_nothing() -> None:
    closed = inventory((), [unread_gap(IRELAND, UnreadReason.TIMED_OUT)])
    empty = judge(Snapshot(closed, DIRECTORY), POLICY, NOW)
    seen = compare(empty, {}, replace(closed, read=()), after(IDLE))
    assert ([one.key for one in seen.undetermined_subjects], seen.cleared) == ([KEY], {})


@pytest.mark.parametrize(
    ("now", "reason"),
    [(USED, Cleared.IN_USE), (QUIET, Cleared.NOT_IDLE), (replace(QUIET, launched_at=days_ago(1)), None)],
)
def test_what_only_a_direct_message_listed_keeps_its_reason(now: Instance, reason: Cleared | None) -> None:
    listed = finding_keys(found(IDLE).flagged)
    nudge = LastNudge("U1", days_ago(3), listed, frozenset(), "D1", "1.0")
    seen = changes(found(now), now, history=DigestHistory(last_nudges={"U1": nudge}))
    assert seen.cleared == ({KEY: reason} if reason else {})


STATES = st.sampled_from([(1, 1), (1, 38), (6, 1), (30, 1), (1, 2_000)])


@given(STATES, st.none() | STATES, st.integers(15, 90))
def test_nobody_is_thanked_for_an_instance_that_runs_on(
    before: tuple[float, float], now: tuple[float, float] | None, age: int
) -> None:
    box = instance(1, "agr-a", age=age)
    earlier, later = with_usage(box, *before), with_usage(box, *now) if now else box
    assert changes(found(later), later, history=after(earlier)).fixed == ()
