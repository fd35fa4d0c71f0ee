"""When instances were first seen with an exempting tag, on both databases."""

from datetime import datetime, timedelta

from bailiff_bot.domain.instance import FirstExempt, Instance, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.store.store import Store
from tests.builders import DEFAULT_POLICY, IRELAND, NOW, PARIS, instance

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = "bailiff:exempt"
EXEMPT, PLAIN = instance(1, tags={KEY: ""}), instance(1)


def seen(store: Store, *instances: Instance, at: datetime, read: tuple[Target, ...] = (IRELAND,)) -> list[datetime]:
    """Return when the instances of a scan were first seen with the tag."""
    found = store.snapshots.record_first_exempt(Inventory(instances, read, (), at), DEFAULT_POLICY)
    return [one.first_exempt.at for one in found.instances if one.first_exempt]


def test_the_first_time_stays_also_after_the_tag_was_taken_off_and_put_on_again(store: Store) -> None:
    assert seen(store, EXEMPT, at=NOW) == [NOW]
    assert seen(store, PLAIN, at=NOW + HOUR) == [NOW]
    assert seen(store, EXEMPT, at=NOW + 2 * HOUR) == [NOW]


def test_a_region_that_is_not_read_for_long_forgets_nothing(store: Store) -> None:
    seen(store, EXEMPT, at=NOW)
    seen(store, at=NOW + HOUR, read=(PARIS,))
    store.prune(NOW + 400 * DAY, 30 * DAY)
    assert seen(store, EXEMPT, at=NOW + 400 * DAY) == [NOW]


def test_an_instance_that_is_gone_is_forgotten(store: Store) -> None:
    seen(store, EXEMPT, at=NOW)
    seen(store, at=NOW + HOUR)
    assert seen(store, EXEMPT, at=NOW + DAY) == [NOW + DAY]


def test_a_scan_that_began_earlier_and_ends_later_forgets_nothing(store: Store) -> None:
    seen(store, EXEMPT, at=NOW + HOUR)
    seen(store, at=NOW)
    assert seen(store, EXEMPT, at=NOW + DAY) == [NOW + HOUR]


def test_each_instance_has_its_own_time_and_tag(store: Store) -> None:
    seen(store, EXEMPT, at=NOW)
    other = instance(2, tags={KEY: "demo \x00"}, target=PARIS)
    assert seen(store, EXEMPT, other, at=NOW + HOUR, read=(IRELAND, PARIS)) == [NOW, NOW + HOUR]
    found = store.snapshots.record_first_exempt(Inventory((EXEMPT,), (), (), NOW), DEFAULT_POLICY)
    assert [one.first_exempt for one in found.instances] == [FirstExempt(KEY, NOW)]
