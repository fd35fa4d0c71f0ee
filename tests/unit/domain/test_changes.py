from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.changes import Changes, Unsure, compare, paid_by
from bailiff_bot.domain.history import FindingKey, Memory, Nudged, Sighting, Subject, keys_of, point_of, subject_of
from bailiff_bot.domain.identity import NO_DIRECTORY, People, people
from bailiff_bot.domain.instance import Instance, State, Target
from bailiff_bot.domain.inventory import Inventory, Reason, Unread
from bailiff_bot.domain.owner import NoOwner, Owner, Owners, addresses
from bailiff_bot.domain.policy import Policy, fingerprint
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.rules import RuleId
from tests.builders import ABROAD, ASG, DIRECTORY, IRELAND, NOW, PARIS, PLAIN, days, instance, inventory, many

OWNERS: Owners = {
    "agr@octo.example": Owner("U1", "Ada"),
    "mlg@octo.example": Owner("U2", "Mel"),
    "pade@octo.example": NoOwner("no such user"),
}
GAPS = people([("AGR", "agr@octo.example")], gaps=["Askbob is down"])


@dataclass(frozen=True)
class Look:
    """What is seen at one digest."""

    instances: tuple[Instance, ...]
    unread: tuple[Target, ...] = ()
    known: People = DIRECTORY
    doubted: bool = False
    policy: Policy = PLAIN
    owners: Owners | None = None

    @property
    def inventory(self) -> Inventory:
        found = [one for one in self.instances if one.target not in self.unread]
        read = [one for one in (IRELAND, PARIS, ABROAD) if one not in self.unread]
        return inventory(found, [Unread(one, Reason.TIMED_OUT) for one in self.unread], read)

    def report(self, now: datetime = NOW) -> Report:
        return judge(self.inventory, self.known, self.policy, now)

    def after(self, memory: Memory, now: datetime = NOW) -> Changes:
        report = self.report(now)
        owners = {**dict.fromkeys(addresses(report), NoOwner("a guest")), **(self.owners or OWNERS)}
        return compare(report, owners, self.inventory, memory, doubted=self.doubted)


def seen(*instances: Instance) -> Look:
    return Look(instances)


def remembered(earlier: Look | Changes, ago: float = 3) -> Memory:
    """What is remembered of a digest of some days ago."""
    changes = earlier if isinstance(earlier, Changes) else earlier.after(Memory())
    past = [replace(one, first=days(ago), last=days(ago)) for one in changes.sightings]
    return Memory(tuple(past))


def became(earlier: Instance, now: Look) -> Changes:
    return now.after(remembered(seen(earlier)))


def reasons(changes: Changes) -> list[Unsure]:
    return sorted(set(changes.unsure.values()))


OLD = instance(1, "AGR-x", age=40)
UNNAMED = instance(1, None, age=9)
STRANGER = instance(1, "ZZZ-x", age=9)
ABANDONED = instance(1, "AGR-x", age=90, stopped=20)


def test_the_first_digest_has_none_before_it_and_all_that_owes_is_new() -> None:
    changes = seen(OLD, instance(2)).after(Memory())
    assert changes.since is None
    assert [row.instance for row in changes.new] == [OLD]
    assert (changes.still, changes.fixed, changes.unseen) == ((), (), ())


def test_what_owed_and_owes_is_still_owed_since_its_first_sight() -> None:
    changes = became(OLD, seen(OLD, instance(2, "AGR-y", age=50)))
    assert [(row.instance, ago) for row, ago in changes.still] == [(OLD, 3)]
    assert [row.instance.id for row in changes.new] == [instance(2).id]
    first = {one.key.subject.id: one.first for one in changes.sightings}
    assert first == {OLD.id: days(3), instance(2).id: NOW}


def test_the_last_digest_is_the_latest_of_the_trend() -> None:
    earlier = point_of(seen().report(days(1)))
    assert seen().after(Memory(points=(replace(earlier, at=days(2)), earlier))).since == days(1)


def test_what_breaks_another_rule_by_now_is_no_news_and_is_counted_from_today() -> None:
    changes = became(UNNAMED, seen(instance(1, "machine", age=9)))
    assert (changes.new, changes.fixed, changes.unseen) == ((), (), ())
    assert [ago for _, ago in changes.still] == [0]
    assert [one.key.rule for one in changes.sightings] == [RuleId.OWNED]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (OLD, instance(1, "AGR-x", age=0.1)),
        (OLD, instance(1, "AGR-x", age=40, stopped=1)),
        (OLD, instance(1, "AGR-x", age=40, state=State.STOPPED)),
        (OLD, instance(1, "AGR-x", age=40, tags={"bailiff:exempt": ""})),
        (UNNAMED, instance(1, "AGR-x", age=9)),
        (UNNAMED, instance(1, None, age=0.1, tags={"bailiff:exempt": ""})),
        (STRANGER, instance(1, "AGR-x", age=9)),
        (ABANDONED, instance(1, "AGR-x", age=0.1)),
        (ABANDONED, instance(1, "AGR-x", age=2, stopped=1)),
        (UNNAMED, instance(1, None, age=9, tags={ASG: "AGR-web"})),
    ],
)
def test_what_certainly_owes_nothing_any_more_is_fixed(before: Instance, now: Instance) -> None:
    changes = became(before, seen(now))
    assert [one.key.subject for one in changes.fixed] == [Subject(IRELAND, before.id)]
    assert (changes.unseen, changes.sightings, changes.unsure) == ((), (), {})


@pytest.mark.parametrize("before", [OLD, UNNAMED, STRANGER, ABANDONED])
def test_what_is_gone_from_a_target_that_was_read_is_fixed(before: Instance) -> None:
    changes = became(before, seen())
    assert len(changes.fixed) == 1
    assert not changes.unseen


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (UNNAMED, instance(1, None, age=0.1), Unsure.JUST_STARTED),
        (UNNAMED, instance(1, "machine", age=0.1), Unsure.JUST_STARTED),
        (STRANGER, instance(1, "ZZZ-x", age=0.1), Unsure.JUST_STARTED),
        (UNNAMED, instance(1, None, age=9, state=State.STOPPING), Unsure.BETWEEN_STATES),
        (OLD, instance(1, "AGR-x", age=40, state=State.STOPPING), Unsure.BETWEEN_STATES),
        (ABANDONED, instance(1, "AGR-x", age=0, state=State.PENDING), Unsure.BETWEEN_STATES),
        (ABANDONED, instance(1, "AGR-x", age=90, state=State.STOPPED), Unsure.NOT_DATED),
    ],
)
def test_what_may_owe_again_when_it_has_settled_is_not_fixed(before: Instance, now: Instance, why: Unsure) -> None:
    changes = became(before, seen(now))
    assert not changes.fixed
    assert [one.first for one in changes.unseen] == [days(3)]
    assert reasons(changes) == [why]
    assert changes.sightings == remembered(seen(before)).sightings


@pytest.mark.parametrize("known", [GAPS, NO_DIRECTORY])
def test_nobody_is_known_by_a_directory_that_does_not_answer(known: People) -> None:
    changes = became(STRANGER, Look((STRANGER,), known=known))
    assert not changes.fixed
    assert reasons(changes) == [Unsure.NO_DIRECTORY]


def test_an_instance_whose_new_owner_is_known_is_fixed_though_others_are_not() -> None:
    assert became(STRANGER, Look((instance(1, "AGR-x"),), known=GAPS)).fixed


@pytest.mark.parametrize("there", [(), (OLD,)])
def test_nothing_is_fixed_where_nobody_looked(there: tuple[Instance, ...]) -> None:
    changes = became(OLD, Look(there, unread=(IRELAND,)))
    assert not changes.fixed
    assert reasons(changes) == [Unsure.NOT_READ]


def test_an_account_that_is_not_configured_any_more_was_not_looked_at() -> None:
    gone = replace(OLD, target=Target("999999999999", "eu-west-1"))
    changes = became(gone, seen())
    assert not changes.fixed
    assert [one.key.subject.target for one in changes.unseen] == [gone.target]


def test_what_comes_back_into_sight_is_not_new() -> None:
    away = became(OLD, Look((), unread=(IRELAND,)))
    [(row, ago)] = seen(OLD).after(Memory(away.sightings)).still
    assert (row.instance, ago) == (OLD, 3)


def test_while_what_was_seen_is_doubted_nothing_is_fixed() -> None:
    changes = became(OLD, Look((), doubted=True))
    assert not changes.fixed
    assert reasons(changes) == [Unsure.IMPLAUSIBLE]


def test_a_part_that_is_not_known_does_not_keep_the_rest_of_a_subject_in_memory() -> None:
    both = instance(1, None, age=90, stopped=20)
    changes = became(both, seen(instance(1, None, age=0.1)))
    assert [one.key.rule for one in changes.unseen] == [RuleId.NAMED]
    assert [one.key.rule for one in changes.sightings] == [RuleId.NAMED]


def test_what_is_not_known_of_something_that_owes_otherwise_is_kept() -> None:
    both = instance(1, "ZZZ-x", age=90, stopped=20)
    changes = became(both, Look((both,), known=GAPS))
    assert not changes.unseen
    assert {(one.key.rule, one.first) for one in changes.sightings} == {
        (RuleId.KNOWN_OWNER, days(3)),
        (RuleId.DELETED_WHEN_ABANDONED, days(3)),
    }


GROUP = tuple(instance(number, None, age=40, tags={ASG: "AGR-web"}) for number in (1, 2, 3))


def test_a_group_is_one_subject_whatever_its_machines() -> None:
    changes = seen(*(replace(one, id=f"i-{one.id[-1]}") for one in GROUP)).after(remembered(seen(*GROUP)))
    assert (changes.new, changes.fixed) == ((), ())
    [(row, _)] = changes.still
    assert subject_of(row) == Subject(IRELAND, "auto-scaling group AGR-web")


def test_a_group_that_is_gone_is_fixed_with_all_its_machines() -> None:
    [fixed] = seen().after(remembered(seen(*GROUP))).fixed
    assert (fixed.title, fixed.count) == ("auto-scaling group AGR-web", 3)


def test_a_group_of_which_every_machine_was_replaced_owes_a_name_until_its_grace_is_over() -> None:
    before = [instance(number, age=9, tags={ASG: "web"}) for number in (1, 2)]
    changes = seen(instance(3, age=0.1, tags={ASG: "web"})).after(remembered(seen(*before)))
    assert not changes.fixed
    assert reasons(changes) == [Unsure.JUST_STARTED]


@pytest.mark.parametrize(("before", "doubted"), [(UNNAMED, False), (UNNAMED, True), (ABANDONED, False)])
def test_a_machine_that_a_group_took_over_is_neither_new_nor_fixed(before: Instance, doubted: bool) -> None:  # noqa: FBT001
    group = [instance(number, age=9, tags={ASG: "web"}, state=State.STOPPED) for number in (1, 2)]
    changes = Look(tuple(group), doubted=doubted).after(remembered(seen(before)))
    assert (changes.new, changes.fixed, changes.unseen, changes.unsure) == ((), (), (), {})
    assert [one.key.subject.id for one in changes.sightings] == ["auto-scaling group web"]


def test_what_earlier_messages_list_is_looked_for_too() -> None:
    lost = FindingKey(Subject(PARIS, "i-9"), RuleId.NAMED)
    memory = Memory(nudged={"U1": Nudged("U1", days(9), frozenset({lost}), frozenset({lost}), "D1", "1.0")})
    changes = Look((), unread=(PARIS,)).after(memory)
    assert changes.unsure == {lost: Unsure.NOT_READ}
    assert (changes.unseen, changes.sightings) == ((), ())


@pytest.mark.parametrize(
    ("found", "title", "whose", "name"),
    [
        (OLD, f"AGR-x ({OLD.id})", "AGR", "Ada"),
        (UNNAMED, OLD.id, "no owner", ""),
        (instance(1, "PADE-x", age=40), f"PADE-x ({OLD.id})", "PADE", ""),
    ],
)
def test_a_sighting_tells_what_it_is_and_whose(found: Instance, title: str, whose: str, name: str) -> None:
    [sighting] = seen(found).after(Memory()).sightings
    assert (sighting.title, sighting.whose, sighting.name, sighting.count) == (title, whose, name, 1)


@pytest.mark.parametrize(
    ("answer", "name"), [(NoOwner("Slack did not answer", unanswered=True), "Ada"), (NoOwner("has left"), "")]
)
def test_an_owner_is_remembered_while_slack_does_not_answer(answer: NoOwner, name: str) -> None:
    [sighting] = became(OLD, Look((OLD,), owners={"agr@octo.example": answer})).sightings
    assert sighting.name == name


LENIENT = Policy(stopped_days=30, running_days=60)


def under_other_rules(earlier: Look, now: Look) -> Changes:
    """What changed since a digest that was made when the rules were still the usual ones."""
    return now.after(replace(remembered(earlier), policy=fingerprint(PLAIN)))


@pytest.mark.parametrize("before", [OLD, ABANDONED])
def test_what_changed_rules_do_not_ask_for_any_more_is_neither_fixed_nor_unknown_nor_remembered(
    before: Instance,
) -> None:
    changes = under_other_rules(seen(before), Look((before,), policy=LENIENT))
    assert [one.key.subject.id for one in changes.unasked] == [before.id]
    assert changes.waived == {one.key for one in changes.unasked}
    assert (changes.fixed, changes.unseen, changes.sightings, changes.unsure) == ((), (), (), {})


def test_a_group_that_changed_rules_do_not_ask_for_any_more_is_counted_with_its_machines() -> None:
    [unasked] = under_other_rules(seen(*GROUP), Look(GROUP, policy=LENIENT)).unasked
    assert unasked.count == len(GROUP)


def test_what_is_gone_is_fixed_whatever_became_of_the_rules() -> None:
    changes = under_other_rules(seen(OLD), Look((), policy=LENIENT))
    assert (len(changes.fixed), changes.unasked, changes.waived) == (1, (), frozenset())


@pytest.mark.parametrize("known", ["", fingerprint(PLAIN)])
def test_while_the_rules_are_the_same_or_nobody_knows_the_earlier_ones_what_is_paid_is_fixed(known: str) -> None:
    memory = replace(remembered(seen(OLD)), policy=known)
    changes = seen(instance(1, "AGR-x", age=0.1)).after(memory)
    assert (len(changes.fixed), changes.unasked) == (1, ())


@pytest.mark.parametrize("look", [Look((), unread=(IRELAND,)), Look((), doubted=True)])
def test_what_was_out_of_sight_when_the_rules_changed_is_thanked_to_nobody_later(look: Look) -> None:
    away = under_other_rules(seen(OLD), replace(look, policy=LENIENT))
    assert [one.key.subject.id for one in away.unseen] == [OLD.id]
    assert not away.unasked
    back = Look((OLD,), policy=LENIENT).after(Memory(away.sightings, policy=fingerprint(LENIENT)))
    assert paid_by(back.fixed) == ()


def test_what_is_not_certain_is_not_called_a_matter_of_the_rules() -> None:
    changes = under_other_rules(seen(UNNAMED), Look((instance(1, None, age=0.1),), policy=LENIENT))
    assert reasons(changes) == [Unsure.JUST_STARTED]
    assert (changes.unasked, changes.waived) == ((), frozenset())


def test_what_is_asked_for_still_keeps_its_first_sight_when_the_rules_change() -> None:
    both = instance(1, "ZZZ-x", age=40)
    changes = under_other_rules(seen(both), Look((both,), policy=LENIENT))
    assert (changes.fixed, changes.unasked) == ((), ())
    assert [one.rule for one in changes.waived] == [RuleId.STOPPED_WHEN_UNUSED]
    assert {(one.key.rule, one.first) for one in changes.sightings} == {(RuleId.KNOWN_OWNER, days(3))}


def test_what_an_earlier_message_lists_and_changed_rules_do_not_ask_for_is_known() -> None:
    keys = keys_of(seen(OLD).report().owing)
    memory = Memory(nudged={"U1": Nudged("U1", days(9), keys, keys, "D1", "1.0")}, policy=fingerprint(PLAIN))
    assert Look((OLD,), policy=LENIENT).after(memory).waived == keys


def paid(name: str, count: int = 1) -> Sighting:
    return Sighting(FindingKey(Subject(IRELAND, name), RuleId.NAMED), NOW, NOW, "x", "AGR", name, count)


def test_those_who_paid_are_thanked_the_most_first_and_nobody_for_nobodys() -> None:
    fixed = [paid("Mel"), paid("Ada"), paid(""), paid("Ada"), paid("Bob", 5), paid("Zoe")]
    assert {paid_by(order) for order in permutations(fixed)} == {(("Bob", 5), ("Ada", 2), ("Mel", 1), ("Zoe", 1))}


MIXED = (OLD, instance(2, None, age=90, stopped=40), instance(3, "ZZZ-x", age=40), instance(4, "MLG-x", age=40))


def test_the_order_of_what_is_remembered_does_not_matter() -> None:
    kept = remembered(seen(*MIXED)).sightings
    look = Look((OLD, instance(4, "MLG-x", age=0.1), instance(5, None)), unread=())
    assert len({repr(look.after(Memory(order))) for order in permutations(kept)}) == 1


NAMES = [None, "AGR-x", "ZZZ-x", "machine"]


@st.composite
def looks(draw: st.DrawFn, count: int = 12) -> Look:
    """A few instances in every state, some of them in groups; some of it unread, or doubted."""
    there = draw(st.sets(st.integers(1, count)))
    found = [_any(draw, number) for number in sorted(there)]
    unread = draw(st.sets(st.sampled_from([IRELAND, PARIS, ABROAD]), max_size=2))
    known = draw(st.sampled_from([DIRECTORY, GAPS, NO_DIRECTORY]))
    policy = draw(st.sampled_from([PLAIN, PLAIN, LENIENT]))
    return Look(tuple(found), tuple(unread), known, doubted=draw(st.integers(0, 5)) == 0, policy=policy)


def _any(draw: st.DrawFn, number: int) -> Instance:
    state = draw(st.sampled_from([State.RUNNING, State.RUNNING, State.STOPPED, State.STOPPING]))
    return instance(
        number,
        draw(st.sampled_from(NAMES)),
        target=(IRELAND, PARIS, ABROAD)[number % 3],
        state=state,
        age=draw(st.sampled_from([0.1, 9, 90])),
        stopped=draw(st.sampled_from([None, 40])) if state is State.STOPPED else None,
        tags=draw(st.sampled_from([{}, {}, {ASG: "web"}, {"bailiff:exempt": ""}])),
    )


def days_of(sequence: Iterable[Look]) -> Iterable[tuple[Look, Memory, Report, Changes]]:
    """Each day's look, what was remembered before it, and what is made of both."""
    memory, now = Memory(), NOW
    for look in sequence:
        report, changes = look.report(now), look.after(memory, now)
        yield look, memory, report, changes
        memory = Memory(changes.sightings, points=(*memory.points, point_of(report)), policy=fingerprint(look.policy))
        now += timedelta(hours=1)


@many(200)
@given(st.lists(looks(), min_size=2, max_size=6))
def test_over_any_days_nothing_is_told_that_was_not_seen(sequence: list[Look]) -> None:
    owed: set[Subject] = set()
    for look, memory, report, changes in days_of(sequence):
        new = {subject_of(row) for row in changes.new}
        still = {subject_of(row) for row, _ in changes.still}
        fixed = [one.key.subject for one in changes.fixed]
        unseen = [one.key.subject for one in changes.unseen]
        assert new | still == {subject_of(row) for row in report.owing}
        assert len(changes.new) + len(changes.still) == len(report.owing)
        unasked = [one.key.subject for one in changes.unasked]
        assert len({*fixed, *unseen, *unasked}) == len(fixed) + len(unseen) + len(unasked)
        assert not {*fixed, *unseen, *unasked} & (new | still)
        assert not look.doubted or not (fixed or unasked)
        assert not unasked or memory.policy != fingerprint(look.policy)
        assert {one.target for one in fixed} <= set(look.inventory.read)
        assert set(fixed) <= owed, "fixed twice, or never owed"
        assert not new & owed, "new twice without being fixed in between"
        owed = (owed | new | still) - {*fixed, *unasked} - _taken_over(memory, report, changes)
        assert owed == {one.key.subject for one in changes.sightings}


def _taken_over(memory: Memory, report: Report, changes: Changes) -> set[Subject]:
    """Machines that owed by themselves, and whose group owes in their place."""
    machines = {Subject(one.target, one.id) for row in report.owing if row.controller for one in row.members}
    return machines & {one.key.subject for one in memory.sightings} - {one.key.subject for one in changes.unseen}


@many(200)
@given(st.lists(looks(), min_size=2, max_size=6))
def test_over_any_days_what_is_owed_keeps_its_first_sight(sequence: list[Look]) -> None:
    for _, memory, report, changes in days_of(sequence):
        before = {one.key: one.first for one in memory.sightings}
        now = {one.key: one for one in changes.sightings}
        assert len(now) == len(changes.sightings)
        assert keys_of(report.owing) <= now.keys()
        assert all(now[key].first == before[key] for key in now.keys() & before.keys())
        assert all(now[key].last == report.at for key in keys_of(report.owing))
        assert now.keys() - keys_of(report.owing) <= changes.unsure.keys() & before.keys()


@many(50)
@given(st.lists(looks(), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_over_any_days_the_order_of_what_is_remembered_does_not_matter(sequence: list[Look], chance: object) -> None:
    for look, memory, report, changes in days_of(sequence):
        shuffled = list(memory.sightings)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]
        assert look.after(replace(memory, sightings=tuple(shuffled)), report.at) == changes
