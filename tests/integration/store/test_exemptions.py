from dataclasses import replace
from datetime import timedelta

from bailiff_bot.store.store import Store
from tests.integration.store.builders import DAY, HOUR, NOW, SECOND, grant, key


def test_an_exemption_counts_until_it_ends(store: Store) -> None:
    store.exemptions.save(grant(days=2))

    assert store.exemptions.live(NOW + 2 * DAY - SECOND) == (grant(days=2),)
    assert store.exemptions.live(NOW + 2 * DAY) == ()


def test_an_exemption_that_somebody_ends_is_over_at_once(store: Store) -> None:
    store.exemptions.save(grant(1))
    store.exemptions.save(grant(2))

    assert store.exemptions.end("grant1", NOW + HOUR)
    assert store.exemptions.live(NOW + HOUR) == (grant(2),)


def test_an_exemption_ends_only_once(store: Store) -> None:
    store.exemptions.save(grant())
    store.exemptions.end("grant1", NOW + HOUR)

    assert not store.exemptions.end("grant1", NOW + 2 * HOUR)
    assert not store.exemptions.end("unknown", NOW)
    ended = store.exemptions.get("grant1")
    assert ended
    assert ended.until == NOW + HOUR
    assert store.exemptions.get("unknown") is None


def test_all_exemptions_of_a_subject_are_kept_in_their_order(store: Store) -> None:
    extension = replace(grant(2, granted=NOW + DAY, subject=key(1).subject), extensions=1)
    for one in (extension, grant(1, days=1), grant(3)):
        store.exemptions.save(one)

    assert store.exemptions.of(key(1).subject) == (grant(1, days=1), extension)


def test_an_exemption_is_deleted_when_it_has_been_over_for_long(store: Store) -> None:
    store.exemptions.save(grant(days=30))

    store.prune(NOW + 60 * DAY, timedelta(days=30))
    assert store.exemptions.of(key().subject) == (grant(days=30),)
    store.prune(NOW + 60 * DAY + SECOND, timedelta(days=30))
    assert store.exemptions.of(key().subject) == ()
