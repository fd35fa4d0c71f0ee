"""A snapshot comes back from its bytes as it was."""

import json
import zlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, Unread, UnreadReason
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.snapshot_codec import decode, encode
from tests.builders import DIRECTORY, Fleet, example_count, fleets, instance, inventory

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
TEXTS = st.text(max_size=20)
TARGETS = st.builds(Target, TEXTS, TEXTS, st.sampled_from(["aws", "aws-cn"]))
INSTANCES = st.builds(
    Instance,
    id=TEXTS,
    target=TARGETS,
    type=TEXTS,
    state=st.sampled_from(InstanceState),
    launched_at=INSTANTS,
    transitioned_at=st.none() | INSTANTS,
    tags=st.dictionaries(st.just("Name") | TEXTS, TEXTS, max_size=4),
    first_seen_stopped=st.none() | INSTANTS,
)
SNAPSHOTS = st.builds(
    Snapshot,
    st.builds(
        Inventory,
        st.lists(INSTANCES, max_size=6).map(tuple),
        st.lists(TARGETS, max_size=3).map(tuple),
        st.lists(st.builds(Unread, TARGETS, st.sampled_from(UnreadReason), TEXTS), max_size=3).map(tuple),
        INSTANTS,
    ),
    st.just(NO_DIRECTORY)
    | st.builds(
        People,
        st.dictionaries(TEXTS, st.frozensets(TEXTS, max_size=3), max_size=3),
        st.lists(TEXTS, max_size=2).map(tuple),
    ),
    st.lists(TEXTS, max_size=2).map(tuple),
)
SOME = Snapshot(inventory([instance(1), instance(2, None), instance(3, tags={"Owner": "agr"})]), DIRECTORY, ("shrunk",))


@given(SNAPSHOTS)
def test_any_snapshot_comes_back_as_it_was(snapshot: Snapshot) -> None:
    assert decode(encode(snapshot)) == snapshot


@example_count(20)
@given(fleets(50))
def test_a_hostile_fleet_comes_back_as_it_was(fleet: Fleet) -> None:
    snapshot = Snapshot(fleet.inventory, fleet.people)
    assert decode(encode(snapshot)) == snapshot


def test_instants_come_back_aware_in_utc_and_to_the_microsecond() -> None:
    odd = datetime(2026, 3, 29, 2, 30, 0, 123457, tzinfo=UTC)
    read = decode(encode(Snapshot(inventory([replace(instance(), first_seen_stopped=odd)]), NO_DIRECTORY)))
    assert read
    assert read.inventory.instances[0].first_seen_stopped == odd
    assert read.inventory.scanned_at.utcoffset() == timedelta(0)


def test_what_many_instances_share_is_one_value_when_it_comes_back() -> None:
    read = decode(encode(SOME))
    assert read
    first, second, third = read.inventory.instances
    assert first.target is second.target is third.target is read.inventory.read[0]
    assert first.type is second.type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not compressed",
        encode(SOME)[:-9],
        zlib.compress(b"not JSON"),
        zlib.compress(b"[]"),
        zlib.compress(json.dumps({"targets": [["1"]]}).encode()),
        zlib.compress(zlib.decompress(encode(SOME)).replace(b'"running"', b'"flying"')),
    ],
)
def test_damaged_bytes_are_no_snapshot(content: bytes) -> None:
    assert decode(content) is None


def test_columns_of_different_lengths_are_no_snapshot() -> None:
    document = json.loads(zlib.decompress(encode(SOME)))
    for column in ("id", "target", "type", "state", "launched", "transitioned", "seen_stopped", "name", "other"):
        short = {**document, column: document[column][:-1]}
        assert decode(zlib.compress(json.dumps(short).encode())) is None, column


def test_who_adds_a_field_raises_the_version() -> None:
    known = {
        Snapshot: "inventory people plausibility_warnings",
        Inventory: "instances read unread scanned_at",
        Unread: "target reason detail",
        Target: "account region partition",
        Instance: "id target type state launched_at transitioned_at tags first_seen_stopped",
        People: "addresses gaps consulted",
    }
    assert {kind: " ".join(field.name for field in fields(kind)) for kind in known} == known
