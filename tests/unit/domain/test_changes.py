from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.changes import Changes, compare, fixed_by
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.history import (
    DigestHistory,
    FindingKey,
    LastNudge,
    OpenFinding,
    finding_keys,
    subject_of,
    trend_point,
)
from bailiff_bot.domain.identity import NO_DIRECTORY, People, people_from_entries
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress, owner_addresses
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, Report, judge
from bailiff_bot.domain.rules import RuleId, build_rules, policy_fingerprint
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject
from tests.builders import (
    ASG,
    DEFAULT_POLICY,
    DIRECTORY,
    IRELAND,
    NOW,
    PARIS,
    VIRGINIA,
    count_gaps,
    days_ago,
    example_count,
    instance,
    inventory,
)

OWNERS: OwnersByAddress = {
    "agr@octo.example": Owner("U1", "Ada"),
    "mlg@octo.example": Owner("U2", "Mel"),
    "pade@octo.example": NoOwner("no such user"),
}
GAPS = people_from_entries([("AGR", "agr@octo.example")], gaps=["Askbob is down"])


@dataclass(frozen=True)
class Observation:
    """What one digest sees: the fleet, what is unread, the directory, the policy and the owners."""

    instances: tuple[Instance, ...]
    unread: tuple[Target, ...] = ()
    people: People = DIRECTORY
    implausible: bool = False
    policy: Policy = DEFAULT_POLICY
    owners: OwnersByAddress | None = None

    @property
    def inventory(self) -> Inventory:
        found = [one for one in self.instances if one.target not in self.unread]
        read = [one for one in (IRELAND, PARIS, VIRGINIA) if one not in self.unread]
        return inventory(found, [unread_gap(one, UnreadReason.TIMED_OUT) for one in self.unread], read)

    def report(self, now: datetime = NOW) -> Report:
        gaps = count_gaps("the fleet shrank") if self.implausible else ()
        return judge(Snapshot(self.inventory, self.people, gaps), self.policy, now)

    def changes_since(self, history: DigestHistory, now: datetime = NOW) -> Changes:
        report = self.report(now)
        owners = {**dict.fromkeys(owner_addresses(report), NoOwner("a guest")), **(self.owners or OWNERS)}
        return compare(report, owners, self.inventory, history)


def observe(*instances: Instance) -> Observation:
    return Observation(instances)


def history_of(earlier: Observation | Changes, ago: float = 3) -> DigestHistory:
    """Return the history after a digest some days ago."""
    changes = earlier if isinstance(earlier, Changes) else earlier.changes_since(DigestHistory())
    past = [replace(one, first_seen=days_ago(ago), last_seen=days_ago(ago)) for one in changes.open_findings]
    return DigestHistory(tuple(past))


def changes_from(earlier: Instance, now: Observation) -> Changes:
    return now.changes_since(history_of(observe(earlier)))


def reasons(changes: Changes) -> list[str]:
    return sorted({gap.reason for gap in changes.undetermined.values()})


OLD = instance(1, "AGR-x", age=40)
UNNAMED = instance(1, None, age=9)
UNKNOWN_OWNER = instance(1, "ZZZ-x", age=9)
ABANDONED = instance(1, "AGR-x", age=90, stopped=20)
SHARED = instance(1, "box", age=9, tags={"Owner": "AGR, PADE, mlg@octo.example"})


def test_in_the_first_digest_every_finding_is_new() -> None:
    changes = observe(OLD, instance(2)).changes_since(DigestHistory())
    assert changes.since is None
    assert [row.instance for row in changes.new] == [OLD]
    assert (changes.still_open, changes.fixed, changes.undetermined_subjects) == ((), (), ())


def test_an_open_finding_stays_open_since_its_first_sight() -> None:
    changes = changes_from(OLD, observe(OLD, instance(2, "AGR-y", age=50)))
    assert [(row.instance, ago) for row, ago in changes.still_open] == [(OLD, 3)]
    assert [row.instance.id for row in changes.new] == [instance(2).id]
    first = {one.key.subject.id: one.first_seen for one in changes.open_findings}
    assert first == {OLD.id: days_ago(3), instance(2).id: NOW}


def test_the_last_digest_is_the_latest_of_the_trend() -> None:
    earlier = trend_point(observe().report(days_ago(1)))
    assert observe().changes_since(DigestHistory(trend=(replace(earlier, at=days_ago(2)), earlier))).since == days_ago(
        1
    )


def test_a_subject_that_breaks_another_rule_now_is_not_new_and_counts_from_today() -> None:
    changes = changes_from(UNNAMED, observe(instance(1, "machine", age=9)))
    assert (changes.new, changes.fixed, changes.undetermined_subjects) == ((), (), ())
    assert [ago for _, ago in changes.still_open] == [0]
    assert [one.key.rule for one in changes.open_findings] == [RuleId.OWNED]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (OLD, instance(1, "AGR-x", age=0.1)),
        (OLD, instance(1, "AGR-x", age=40, stopped=1)),
        (OLD, instance(1, "AGR-x", age=40, state=InstanceState.STOPPED)),
        (OLD, instance(1, "AGR-x", age=40, tags={"bailiff:exempt": ""})),
        (UNNAMED, instance(1, "AGR-x", age=9)),
        (UNNAMED, instance(1, None, age=0.1, tags={"bailiff:exempt": ""})),
        (UNKNOWN_OWNER, instance(1, "AGR-x", age=9)),
        (ABANDONED, instance(1, "AGR-x", age=0.1)),
        (ABANDONED, instance(1, "AGR-x", age=2, stopped=1)),
        (UNNAMED, instance(1, None, age=9, tags={ASG: "AGR-web"})),
    ],
)
def test_a_finding_is_fixed_when_its_subject_certainly_breaks_no_rule(before: Instance, now: Instance) -> None:
    changes = changes_from(before, observe(now))
    assert [one.key.subject for one in changes.fixed] == [Subject(IRELAND, before.id)]
    assert (changes.undetermined_subjects, changes.open_findings, changes.undetermined) == ((), (), {})


@pytest.mark.parametrize("before", [OLD, UNNAMED, UNKNOWN_OWNER, ABANDONED])
def test_a_finding_is_fixed_when_its_subject_is_gone_from_a_read_target(before: Instance) -> None:
    changes = changes_from(before, observe())
    assert len(changes.fixed) == 1
    assert not changes.undetermined_subjects


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (UNNAMED, instance(1, None, age=0.1), "just created"),
        (UNNAMED, instance(1, "machine", age=0.1), "just created"),
        (UNKNOWN_OWNER, instance(1, "ZZZ-x", age=0.1), "just created"),
        (UNNAMED, instance(1, None, age=9, state=InstanceState.STOPPING), "starting or stopping"),
        (OLD, instance(1, "AGR-x", age=40, state=InstanceState.STOPPING), "starting or stopping"),
        (ABANDONED, instance(1, "AGR-x", age=0, state=InstanceState.PENDING), "starting or stopping"),
        (ABANDONED, instance(1, "AGR-x", age=90, state=InstanceState.STOPPED), "stop not dated"),
    ],
)
def test_a_finding_whose_rule_may_be_broken_again_after_the_grace_is_undetermined(
    before: Instance, now: Instance, why: str
) -> None:
    changes = changes_from(before, observe(now))
    assert not changes.fixed
    assert [one.first_seen for one in changes.undetermined_subjects] == [days_ago(3)]
    assert reasons(changes) == [why]
    assert changes.open_findings == history_of(observe(before)).open_findings


@pytest.mark.parametrize("state", [InstanceState.PENDING, InstanceState.STOPPING])
@pytest.mark.parametrize("before", [OLD, UNNAMED, UNKNOWN_OWNER, ABANDONED, instance(1, "machine", age=9)])
def test_no_finding_is_fixed_while_its_instance_is_between_states(before: Instance, state: InstanceState) -> None:
    changes = changes_from(before, observe(replace(before, state=state)))
    assert not changes.fixed
    assert changes.open_findings == history_of(observe(before)).open_findings


@pytest.mark.parametrize("known", [GAPS, NO_DIRECTORY])
def test_an_unknown_owner_is_undetermined_while_the_directory_is_incomplete(known: People) -> None:
    changes = changes_from(UNKNOWN_OWNER, Observation((UNKNOWN_OWNER,), people=known))
    assert not changes.fixed
    assert reasons(changes) == ["not checked against the directory"]


def test_an_instance_with_a_known_owner_is_fixed_though_the_directory_has_gaps() -> None:
    assert changes_from(UNKNOWN_OWNER, Observation((instance(1, "AGR-x"),), people=GAPS)).fixed


@pytest.mark.parametrize("there", [(), (OLD,)])
def test_nothing_is_fixed_in_an_unread_target(there: tuple[Instance, ...]) -> None:
    changes = changes_from(OLD, Observation(there, unread=(IRELAND,)))
    assert not changes.fixed
    assert reasons(changes) == ["not read"]


def test_an_account_that_is_no_longer_configured_counts_as_unread() -> None:
    gone = replace(OLD, target=Target("999999999999", "eu-west-1"))
    changes = changes_from(gone, observe())
    assert not changes.fixed
    assert [one.key.subject.target for one in changes.undetermined_subjects] == [gone.target]


def test_a_finding_that_was_unread_meanwhile_is_not_new() -> None:
    unseen = changes_from(OLD, Observation((), unread=(IRELAND,)))
    [(row, ago)] = observe(OLD).changes_since(DigestHistory(unseen.open_findings)).still_open
    assert (row.instance, ago) == (OLD, 3)


def test_nothing_is_fixed_while_the_scan_is_implausible() -> None:
    changes = changes_from(OLD, Observation((), implausible=True))
    assert not changes.fixed
    assert reasons(changes) == ["not plausible"]


def test_only_the_undetermined_findings_of_a_subject_stay_open() -> None:
    breaks_two = instance(1, None, age=90, stopped=20)
    changes = changes_from(breaks_two, observe(instance(1, None, age=0.1)))
    assert [one.key.rule for one in changes.undetermined_subjects] == [RuleId.NAMED]
    assert [one.key.rule for one in changes.open_findings] == [RuleId.NAMED]


def test_an_undetermined_finding_stays_open_while_its_subject_breaks_another_rule() -> None:
    both = instance(1, "ZZZ-x", age=90, stopped=20)
    changes = changes_from(both, Observation((both,), people=GAPS))
    assert not changes.undetermined_subjects
    assert {(one.key.rule, one.first_seen) for one in changes.open_findings} == {
        (RuleId.KNOWN_OWNER, days_ago(3)),
        (RuleId.DELETED_WHEN_ABANDONED, days_ago(3)),
    }


GROUP = tuple(instance(number, None, age=40, tags={ASG: "AGR-web"}) for number in (1, 2, 3))


def test_a_group_is_one_subject_whatever_its_machines() -> None:
    changes = observe(*(replace(one, id=f"i-{one.id[-1]}") for one in GROUP)).changes_since(history_of(observe(*GROUP)))
    assert (changes.new, changes.fixed) == ((), ())
    [(row, _)] = changes.still_open
    assert subject_of(row) == Subject(IRELAND, "auto-scaling group AGR-web")


def test_a_group_that_is_gone_is_fixed_with_all_its_machines() -> None:
    [fixed] = observe().changes_since(history_of(observe(*GROUP))).fixed
    assert (fixed.title, fixed.count) == ("auto-scaling group AGR-web", 3)


def test_a_replaced_group_keeps_its_finding_until_its_grace_is_over() -> None:
    before = [instance(number, age=9, tags={ASG: "web"}) for number in (1, 2)]
    changes = observe(instance(3, age=0.1, tags={ASG: "web"})).changes_since(history_of(observe(*before)))
    assert not changes.fixed
    assert reasons(changes) == ["just created"]


@pytest.mark.parametrize(("before", "implausible"), [(UNNAMED, False), (UNNAMED, True), (ABANDONED, False)])
def test_a_machine_that_joined_a_group_is_neither_new_nor_fixed(before: Instance, implausible: bool) -> None:  # noqa: FBT001
    group = [instance(number, age=9, tags={ASG: "web"}, state=InstanceState.STOPPED) for number in (1, 2)]
    changes = Observation(tuple(group), implausible=implausible).changes_since(history_of(observe(before)))
    assert (changes.new, changes.fixed, changes.undetermined_subjects, changes.undetermined) == ((), (), (), {})
    assert [one.key.subject.id for one in changes.open_findings] == ["auto-scaling group web"]


def test_findings_in_earlier_nudges_are_compared_too() -> None:
    unseen_key = FindingKey(Subject(PARIS, "i-9"), RuleId.NAMED)
    history = DigestHistory(
        last_nudges={"U1": LastNudge("U1", days_ago(9), frozenset({unseen_key}), frozenset({unseen_key}), "D1", "1.0")}
    )
    changes = Observation((), unread=(PARIS,)).changes_since(history)
    assert changes.undetermined == {unseen_key: Gap(GapSource.TARGET, PARIS, "not read")}
    assert (changes.undetermined_subjects, changes.open_findings) == ((), ())


@pytest.mark.parametrize(
    ("found", "title", "owner_label", "names"),
    [
        (OLD, f"AGR-x ({OLD.id})", "AGR", ("Ada",)),
        (UNNAMED, OLD.id, "no owner", ()),
        (instance(1, "PADE-x", age=40), f"PADE-x ({OLD.id})", "PADE", ()),
        (SHARED, f"box ({OLD.id})", "AGR, PADE, mlg@octo.example", ("Ada", "Mel")),
    ],
)
def test_an_open_finding_names_the_instance_and_its_owners(
    found: Instance, title: str, owner_label: str, names: tuple[str, ...]
) -> None:
    [open_finding] = observe(found).changes_since(DigestHistory()).open_findings
    assert (open_finding.title, open_finding.owner_label, open_finding.owner_names, open_finding.count) == (
        title,
        owner_label,
        names,
        1,
    )


@pytest.mark.parametrize(
    ("answer", "names"), [(NoOwner("Slack did not answer", lookup_failed=True), {"Ada"}), (NoOwner("has left"), set())]
)
@pytest.mark.parametrize(("found", "other_names"), [(OLD, set()), (SHARED, {"Mel"})])
def test_an_owner_name_is_kept_while_slack_does_not_answer(
    found: Instance, other_names: set[str], answer: NoOwner, names: set[str]
) -> None:
    owners = {**OWNERS, "agr@octo.example": answer}
    [open_finding] = changes_from(found, Observation((found,), owners=owners)).open_findings
    assert set(open_finding.owner_names) == names | other_names


LENIENT = Policy(stopped_days=30, running_days=60)


def changes_after_policy_change(earlier: Observation, now: Observation) -> Changes:
    """Return the changes since a digest under the default policy."""
    return now.changes_since(replace(history_of(earlier), policy_fingerprint=policy_fingerprint(DEFAULT_POLICY)))


@pytest.mark.parametrize("before", [OLD, ABANDONED])
def test_a_finding_dropped_by_policy_is_neither_fixed_nor_undetermined_nor_open(
    before: Instance,
) -> None:
    changes = changes_after_policy_change(observe(before), Observation((before,), policy=LENIENT))
    assert [one.key.subject.id for one in changes.dropped_subjects] == [before.id]
    assert changes.dropped_by_policy == {one.key for one in changes.dropped_subjects}
    assert (changes.fixed, changes.undetermined_subjects, changes.open_findings, changes.undetermined) == (
        (),
        (),
        (),
        {},
    )


def test_a_group_dropped_by_policy_counts_all_its_machines() -> None:
    [dropped] = changes_after_policy_change(observe(*GROUP), Observation(GROUP, policy=LENIENT)).dropped_subjects
    assert dropped.count == len(GROUP)


def test_a_finding_whose_subject_is_gone_is_fixed_though_the_policy_changed() -> None:
    changes = changes_after_policy_change(observe(OLD), Observation((), policy=LENIENT))
    assert (len(changes.fixed), changes.dropped_subjects, changes.dropped_by_policy) == (1, (), frozenset())


@pytest.mark.parametrize("known", ["", policy_fingerprint(DEFAULT_POLICY)])
def test_a_gone_finding_is_fixed_while_the_policy_is_unchanged_or_unknown(known: str) -> None:
    history = replace(history_of(observe(OLD)), policy_fingerprint=known)
    changes = observe(instance(1, "AGR-x", age=0.1)).changes_since(history)
    assert (len(changes.fixed), changes.dropped_subjects) == (1, ())


@pytest.mark.parametrize("observation", [Observation((), unread=(IRELAND,)), Observation((), implausible=True)])
def test_a_finding_unseen_at_a_policy_change_is_not_called_fixed_later(observation: Observation) -> None:
    unseen = changes_after_policy_change(observe(OLD), replace(observation, policy=LENIENT))
    assert [one.key.subject.id for one in unseen.undetermined_subjects] == [OLD.id]
    assert not unseen.dropped_subjects
    back = Observation((OLD,), policy=LENIENT).changes_since(
        DigestHistory(unseen.open_findings, policy_fingerprint=policy_fingerprint(LENIENT))
    )
    assert fixed_by(back.fixed) == ()


def test_an_undetermined_finding_is_not_called_dropped_by_policy() -> None:
    changes = changes_after_policy_change(observe(UNNAMED), Observation((instance(1, None, age=0.1),), policy=LENIENT))
    assert reasons(changes) == ["just created"]
    assert (changes.dropped_subjects, changes.dropped_by_policy) == ((), frozenset())


def test_a_finding_of_an_unchanged_rule_keeps_its_first_sight_when_the_policy_changes() -> None:
    both = instance(1, "ZZZ-x", age=40)
    changes = changes_after_policy_change(observe(both), Observation((both,), policy=LENIENT))
    assert (changes.fixed, changes.dropped_subjects) == ((), ())
    assert [one.rule for one in changes.dropped_by_policy] == [RuleId.STOPPED_WHEN_UNUSED]
    assert {(one.key.rule, one.first_seen) for one in changes.open_findings} == {(RuleId.KNOWN_OWNER, days_ago(3))}


def test_findings_of_earlier_nudges_can_be_dropped_by_policy() -> None:
    keys = finding_keys(observe(OLD).report().flagged)
    history = DigestHistory(
        last_nudges={"U1": LastNudge("U1", days_ago(9), keys, keys, "D1", "1.0")},
        policy_fingerprint=policy_fingerprint(DEFAULT_POLICY),
    )
    assert Observation((OLD,), policy=LENIENT).changes_since(history).dropped_by_policy == keys


def fixed_finding(*names: str, count: int = 1) -> OpenFinding:
    key = FindingKey(Subject(IRELAND, " ".join(names)), RuleId.NAMED)
    return OpenFinding(key, NOW, NOW, "x", "AGR", names, count)


def test_owners_who_fixed_most_come_first_and_findings_without_owner_are_left_out() -> None:
    fixed = [
        fixed_finding("Mel"),
        fixed_finding("Ada"),
        fixed_finding(),
        fixed_finding("Ada"),
        fixed_finding("Bob", count=5),
        fixed_finding("Zoe"),
    ]
    assert {fixed_by(order) for order in permutations(fixed)} == {(("Bob", 5), ("Ada", 2), ("Mel", 1), ("Zoe", 1))}


def test_each_owner_of_a_fixed_instance_is_thanked_and_the_instance_counts_once() -> None:
    changes = changes_from(SHARED, observe())
    assert (len(changes.fixed), fixed_by(changes.fixed)) == (1, (("Ada", 1), ("Mel", 1)))


MIXED = (OLD, instance(2, None, age=90, stopped=40), instance(3, "ZZZ-x", age=40), instance(4, "MLG-x", age=40))


def test_the_order_of_open_findings_does_not_matter() -> None:
    open_findings = history_of(observe(*MIXED)).open_findings
    observation = Observation((OLD, instance(4, "MLG-x", age=0.1), instance(5, None)), unread=())
    assert len({repr(observation.changes_since(DigestHistory(order))) for order in permutations(open_findings)}) == 1


NAMES = [None, "AGR-x", "ZZZ-x", "machine"]


@st.composite
def observations(draw: st.DrawFn, count: int = 12) -> Observation:
    """A few instances in every state, some of them in groups. Targets may be unread, and the scan implausible."""
    numbers = draw(st.sets(st.integers(1, count)))
    found = [_any_instance(draw, number) for number in sorted(numbers)]
    unread = draw(st.sets(st.sampled_from([IRELAND, PARIS, VIRGINIA]), max_size=2))
    known = draw(st.sampled_from([DIRECTORY, GAPS, NO_DIRECTORY]))
    policy = draw(st.sampled_from([DEFAULT_POLICY, DEFAULT_POLICY, LENIENT]))
    return Observation(tuple(found), tuple(unread), known, implausible=draw(st.integers(0, 5)) == 0, policy=policy)


def _any_instance(draw: st.DrawFn, number: int) -> Instance:
    state = draw(
        st.sampled_from([InstanceState.RUNNING, InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.STOPPING])
    )
    return instance(
        number,
        draw(st.sampled_from(NAMES)),
        target=(IRELAND, PARIS, VIRGINIA)[number % 3],
        state=state,
        age=draw(st.sampled_from([0.1, 9, 90])),
        stopped=draw(st.sampled_from([None, 40])) if state is InstanceState.STOPPED else None,
        tags=draw(st.sampled_from([{}, {}, {ASG: "web"}, {"bailiff:exempt": ""}])),
    )


def daily_changes(sequence: Iterable[Observation]) -> Iterable[tuple[Observation, DigestHistory, Report, Changes]]:
    """Yield for each day the observation, the history before it, its report, and the changes."""
    history, now = DigestHistory(), NOW
    for observation in sequence:
        report, changes = observation.report(now), observation.changes_since(history, now)
        yield observation, history, report, changes
        history = DigestHistory(
            changes.open_findings,
            trend=(*history.trend, trend_point(report)),
            policy_fingerprint=policy_fingerprint(observation.policy),
        )
        now += timedelta(hours=1)


@example_count(200)
@given(st.lists(observations(), min_size=2, max_size=6))
def test_over_any_days_each_finding_is_new_then_open_then_fixed_or_dropped(sequence: list[Observation]) -> None:
    open_subjects: set[Subject] = set()
    for observation, history, report, changes in daily_changes(sequence):
        new = {subject_of(row) for row in changes.new}
        still = {subject_of(row) for row, _ in changes.still_open}
        fixed = [one.key.subject for one in changes.fixed]
        unseen = [one.key.subject for one in changes.undetermined_subjects]
        assert new | still == {subject_of(row) for row in report.flagged}
        assert len(changes.new) + len(changes.still_open) == len(report.flagged)
        dropped = [one.key.subject for one in changes.dropped_subjects]
        assert len({*fixed, *unseen, *dropped}) == len(fixed) + len(unseen) + len(dropped)
        assert not {*fixed, *unseen, *dropped} & (new | still)
        assert not observation.implausible or not (fixed or dropped)
        assert not dropped or history.policy_fingerprint != policy_fingerprint(observation.policy)
        assert {one.target for one in fixed} <= set(observation.inventory.read)
        assert set(fixed) <= open_subjects, "fixed twice, or never open"
        assert not new & open_subjects, "new twice without being fixed in between"
        open_subjects = (
            (open_subjects | new | still) - {*fixed, *dropped} - _replaced_by_group(history, report, changes)
        )
        assert open_subjects == {one.key.subject for one in changes.open_findings}


def _replaced_by_group(history: DigestHistory, report: Report, changes: Changes) -> set[Subject]:
    """Return the machines that had open findings of their own, and owner_label group is flagged instead now."""
    machines = {Subject(one.target, one.id) for row in report.flagged if row.controller for one in row.members}
    return machines & {one.key.subject for one in history.open_findings} - {
        one.key.subject for one in changes.undetermined_subjects
    }


@example_count(200)
@given(st.lists(observations(), min_size=2, max_size=6))
def test_over_any_days_an_open_finding_keeps_its_first_sight(sequence: list[Observation]) -> None:
    for _, history, report, changes in daily_changes(sequence):
        before = {one.key: one.first_seen for one in history.open_findings}
        now = {one.key: one for one in changes.open_findings}
        assert len(now) == len(changes.open_findings)
        assert finding_keys(report.flagged) <= now.keys()
        assert all(now[key].first_seen == before[key] for key in now.keys() & before.keys())
        assert all(now[key].last_seen == report.as_of for key in finding_keys(report.flagged))
        assert now.keys() - finding_keys(report.flagged) <= changes.undetermined.keys() & before.keys()


@example_count(200)
@given(st.lists(observations(), min_size=2, max_size=6))
def test_over_any_days_no_finding_is_fixed_whose_rule_cannot_tell(sequence: list[Observation]) -> None:
    for observation, history, report, changes in daily_changes(sequence):
        rules, rows = build_rules(observation.policy), {subject_of(row): row for row in report.rows}
        exempt = {subject_of(row) for row in report.table(OtherTable.EXEMPT).rows}
        fixed = {one.key.subject for one in changes.fixed}
        for key in (one.key for one in history.open_findings if one.key.subject in fixed & rows.keys() - exempt):
            assert not rules[key.rule].undetermined(rows[key.subject].case, report.as_of)


@example_count(50)
@given(st.lists(observations(), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_over_any_days_the_order_of_open_findings_does_not_matter(sequence: list[Observation], chance: object) -> None:
    for observation, history, report, changes in daily_changes(sequence):
        shuffled = list(history.open_findings)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]
        assert observation.changes_since(replace(history, open_findings=tuple(shuffled)), report.as_of) == changes
