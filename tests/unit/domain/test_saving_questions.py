"""What must be looked up to value savings."""

from collections.abc import Iterable
from datetime import timedelta

from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.saving_changes import Followed
from bailiff_bot.domain.saving_questions import questions
from tests.builders import IRELAND, NOW, PARIS
from tests.saving_builders import VOLUMES, History, history, machine, stopped, told_of

REMEMBERED = {one.id: one for one in VOLUMES}


def asked(found: History, now: Instance | None, read: Iterable[object] = (IRELAND,)) -> list[tuple[str, object]]:
    instances = {found.subject: now} if now else {}
    pairs = questions([found.followed], instances, frozenset(read))  # type: ignore[arg-type]
    return [(f"{one.state} {one.type} {' '.join(one.volume_ids)}".rstrip(), volumes) for one, volumes in pairs]


def test_nothing_is_asked_of_an_instance_that_did_not_change() -> None:
    assert asked(history(), machine()) == []


def test_an_instance_that_was_stopped_or_deleted_is_priced_as_it_was_told_of() -> None:
    for now in (None, stopped(NOW)):
        assert asked(history(), now) == [("running m5.xlarge vol-root vol-data", REMEMBERED)]


def test_nothing_is_asked_in_a_target_that_is_unread() -> None:
    assert asked(history(), None, (PARIS,)) == []


def test_both_types_are_priced_of_one_that_was_resized() -> None:
    found = [one for one, _ in asked(history(), machine(type="m5.large"))]
    assert found == ["running m5.xlarge vol-root vol-data", "running m5.large"]


def test_the_volumes_of_a_deleted_instance_are_asked_for_until_that_is_known() -> None:
    found = history(unread_volumes=True)
    found.scan_for((1, 2), None)
    assert asked(found, None) == [("stopped m5.xlarge vol-root vol-data", {})]
    found.unread_volumes = False
    found.scan(NOW + timedelta(days=3), None)
    assert asked(found, None) == []


def test_an_instance_that_no_digest_told_of_is_not_asked_for() -> None:
    assert list(questions([Followed(None)], {}, {IRELAND})) == []
    assert told_of().instance.state is InstanceState.RUNNING
