"""A decoded snapshot equals the encoded one."""

import json
import zlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import FirstExempt, Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import Price, Prices
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage_figures import DayFigures, UsageFigures
from bailiff_bot.domain.volume import Volume
from bailiff_bot.store.snapshot_codec import decode, encode
from tests.builders import DIRECTORY, NOW, Fleet, count_gaps, example_count, fleets, instance, inventory

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
TEXTS = st.text(max_size=20)
TARGETS = st.builds(Target, TEXTS, TEXTS, st.sampled_from(["aws", "aws-cn"]))
FIGURES = st.none() | st.floats(0, 1e9)
DAYS = st.builds(DayFigures, FIGURES, FIGURES, FIGURES, FIGURES, st.integers(0, 24))
INSTANCES = st.builds(
    Instance,
    id=TEXTS,
    target=TARGETS,
    type=TEXTS,
    state=st.sampled_from(InstanceState),
    launched_at=TIMES,
    transitioned_at=st.none() | TIMES,
    tags=st.dictionaries(st.just("Name") | TEXTS, TEXTS, max_size=4),
    first_seen_stopped=st.none() | TIMES,
    attached_at=st.none() | TIMES,
    first_exempt=st.none() | st.builds(FirstExempt, TEXTS, TIMES),
    operator=st.none() | TEXTS,
    billing=st.none() | st.builds(Billing, TEXTS, TEXTS, TEXTS, TEXTS, st.booleans()),
    volume_ids=st.lists(TEXTS, max_size=2).map(tuple),
    public_addresses=st.integers(0, 4),
    usage=st.none() | st.builds(UsageFigures, TIMES, st.dictionaries(st.dates(), DAYS, max_size=2)),
    stopped_by_aws=st.booleans(),
)
GAPS = st.lists(
    st.builds(Gap, st.sampled_from(GapSource), st.none() | TARGETS, TEXTS, TEXTS, TEXTS, st.booleans()), max_size=3
).map(tuple)
NUMBERS = st.none() | st.integers(0, 10**6)
VOLUMES = st.lists(st.builds(Volume, TEXTS, TEXTS, st.integers(0, 10**5), NUMBERS, NUMBERS), max_size=3)
KEYS = st.builds(PriceKey, st.sampled_from(PriceKind), TEXTS, TEXTS, TEXTS, TEXTS)
AMOUNTS = st.decimals(0, 10**6, allow_nan=False, places=12)
PRICES = st.builds(
    Prices,
    st.dictionaries(KEYS, st.builds(Price, AMOUNTS, st.none() | st.dates()), max_size=3),
    st.dictionaries(KEYS, AMOUNTS, max_size=2),
    AMOUNTS,
)
SNAPSHOTS = st.builds(
    Snapshot,
    st.builds(
        Inventory,
        st.lists(INSTANCES, max_size=6).map(tuple),
        st.lists(TARGETS, max_size=3).map(tuple),
        GAPS,
        TIMES,
    ),
    st.just(NO_DIRECTORY)
    | st.builds(
        People,
        st.dictionaries(TEXTS, st.frozensets(TEXTS, max_size=3), max_size=3),
        GAPS,
    ),
    GAPS,
    st.none() | PRICES,
    VOLUMES.map(lambda volumes: {volume.id: volume for volume in volumes}),
)
EXAMPLE = Snapshot(
    inventory([instance(1), instance(2, None), instance(3, tags={"Owner": "agr"})]), DIRECTORY, count_gaps("shrunk")
)


@given(SNAPSHOTS)
def test_any_snapshot_is_decoded_as_it_was_encoded(snapshot: Snapshot) -> None:
    assert decode(encode(snapshot)) == snapshot


@example_count(20)
@given(fleets(50))
def test_a_fleet_with_hostile_text_is_decoded_as_it_was_encoded(fleet: Fleet) -> None:
    snapshot = Snapshot(fleet.inventory, fleet.people)
    assert decode(encode(snapshot)) == snapshot


def test_decoded_times_are_in_utc_and_exact_to_the_microsecond() -> None:
    precise_time = datetime(2026, 3, 29, 2, 30, 0, 123457, tzinfo=UTC)
    decoded = decode(encode(Snapshot(inventory([replace(instance(), first_seen_stopped=precise_time)]), NO_DIRECTORY)))
    assert decoded
    assert decoded.inventory.instances[0].first_seen_stopped == precise_time
    assert decoded.inventory.scanned_at.utcoffset() == timedelta(0)


def test_decoded_instances_share_equal_values() -> None:
    decoded = decode(encode(EXAMPLE))
    assert decoded
    first, second, third = decoded.inventory.instances
    assert first.target is second.target is third.target is decoded.inventory.read[0]
    assert first.type is second.type


def test_a_snapshot_of_before_billing_and_usage_is_read_without_them() -> None:
    figures = UsageFigures(NOW, {NOW.date(): DayFigures(1.0, 0.5, 2.0, 3.0, 24)})
    billed = replace(
        instance(),
        billing=Billing("RunInstances"),
        volume_ids=("vol-1",),
        public_addresses=1,
        usage=figures,
        stopped_by_aws=True,
    )
    document = json.loads(zlib.decompress(encode(Snapshot(inventory([billed]), DIRECTORY))))
    for column in ("billing", "billings", "volumes", "addresses", "usage", "by_aws"):
        del document[column]
    assert decode(zlib.compress(json.dumps(document).encode())) == Snapshot(inventory([instance()]), DIRECTORY)


def test_a_snapshot_of_before_the_prices_is_read_without_them() -> None:
    volumes = {"vol-1": Volume("vol-1", "gp3", 8)}
    document = json.loads(zlib.decompress(encode(replace(EXAMPLE, prices=Prices(), volumes=volumes))))
    for column in ("prices", "volumes_read"):
        del document[column]
    assert decode(zlib.compress(json.dumps(document).encode())) == EXAMPLE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not compressed",
        encode(EXAMPLE)[:-9],
        zlib.compress(b"not JSON"),
        zlib.compress(b"[]"),
        zlib.compress(json.dumps({"targets": [["1"]]}).encode()),
        zlib.compress(zlib.decompress(encode(EXAMPLE)).replace(b'"running"', b'"flying"')),
    ],
)
def test_damaged_bytes_are_no_snapshot(content: bytes) -> None:
    assert decode(content) is None


def test_columns_of_different_lengths_are_no_snapshot() -> None:
    document = json.loads(zlib.decompress(encode(EXAMPLE)))
    for column in (
        "id",
        "target",
        "type",
        "state",
        "launched",
        "transitioned",
        "seen_stopped",
        "attached",
        "name",
        "other",
    ):
        shortened = {**document, column: document[column][:-1]}
        assert decode(zlib.compress(json.dumps(shortened).encode())) is None, column


def test_a_snapshot_of_before_the_attach_times_is_read_without_them() -> None:
    attached = Snapshot(inventory([replace(instance(), attached_at=NOW)]), DIRECTORY)
    document = json.loads(zlib.decompress(encode(attached)))
    del document["attached"]
    assert decode(zlib.compress(json.dumps(document).encode())) == Snapshot(inventory([instance()]), DIRECTORY)


def test_a_snapshot_of_before_the_first_exemptions_is_read_without_them() -> None:
    seen = Snapshot(inventory([replace(instance(), first_exempt=FirstExempt("keep", NOW))]), DIRECTORY)
    document = json.loads(zlib.decompress(encode(seen)))
    del document["first_exempt"]
    assert decode(zlib.compress(json.dumps(document).encode())) == Snapshot(inventory([instance()]), DIRECTORY)


def test_the_fields_of_a_snapshot_change_only_with_the_version() -> None:
    # If this fails, raise the version of the snapshot, unless older and newer snapshots can be read all the same. Then
    # change the list below.
    field_names = {
        Snapshot: "inventory people other_gaps prices volumes",
        Prices: "listed own factor",
        Price: "usd listed_on",
        PriceKey: "kind region name operation tenancy",
        Volume: "id type gb iops throughput",
        Inventory: "instances read gaps scanned_at",
        Gap: "source where reason detail remedy expected",
        Target: "account region partition",
        Instance: "id target type state launched_at transitioned_at tags first_seen_stopped attached_at first_exempt"
        " operator billing volume_ids public_addresses usage stopped_by_aws",
        People: "addresses gaps consulted",
    }
    assert {model: " ".join(field.name for field in fields(model)) for model in field_names} == field_names
