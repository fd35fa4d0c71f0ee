"""A price comes from one product that is certainly meant, whatever else the list has."""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import product as product_of
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.price_lookup import listed_price, lookup_of
from bailiff_bot.aws.price_product import Product, parse_product
from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from tests.builders import example_count, scaled

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "cases" / "price-list" / "products.jsonl").read_text().splitlines()
]
LINUX = PriceKey(PriceKind.COMPUTE, "us-east-1", "m5.xlarge", "RunInstances", "Shared")
LOCAL = PriceKey(PriceKind.COMPUTE, "us-east-1-nyc-1", "c5d.2xlarge", "RunInstances:0g00", "Shared")
KEYS = [
    LINUX,
    LOCAL,
    PriceKey(PriceKind.STORAGE, "us-east-1", "gp3"),
    PriceKey(PriceKind.IOPS, "us-east-1", "io2"),
    PriceKey(PriceKind.IOPS_TIER_2, "us-east-1", "io2"),
    PriceKey(PriceKind.IOPS_TIER_3, "us-east-1", "io2"),
    PriceKey(PriceKind.THROUGHPUT, "us-east-1", "gp3"),
    PriceKey(PriceKind.ADDRESS, "us-east-1"),
    PriceKey(PriceKind.SNAPSHOT, "eu-west-1"),
]
UNITS = {
    PriceKind.COMPUTE: ("Hrs",),
    PriceKind.STORAGE: ("GB-Mo", "GB-month"),
    PriceKind.IOPS: ("IOPS-Mo",),
    PriceKind.IOPS_TIER_2: ("IOPS-Mo",),
    PriceKind.IOPS_TIER_3: ("IOPS-Mo",),
    PriceKind.THROUGHPUT: ("MiBps-Mo", "GiBps-mo"),
    PriceKind.ADDRESS: ("Hrs",),
    PriceKind.SNAPSHOT: ("GB-Mo",),
}
USD = ("0.0000000000", "0.1", "99")

Json = dict[str, Any]


def product(key: PriceKey, usd: str = "0.1920000000", unit: str = "", **changed: str) -> Json:
    """Return the product that has the price of a key, made as AWS makes them."""
    lookup = lookup_of(key)
    attributes = {
        **lookup.filters,
        "locationType": "AWS Local Zone" if key.region == LOCAL.region else "AWS Region",
        "usagetype": "EU-EBS:SnapshotUsage" if key.kind is PriceKind.SNAPSHOT else "BoxUsage",
        "marketoption": "OnDemand",
        **changed,
    }
    family = attributes.pop("productFamily", "Compute Instance")
    dimension = {
        "unit": unit or UNITS[key.kind][0],
        "beginRange": "0",
        "endRange": "Inf",
        "pricePerUnit": {"USD": usd},
    }
    terms = {"OnDemand": {"A.B": {"priceDimensions": {"A.B.C": dimension}}}, "Reserved": {"A.D": {}}}
    service = lookup.service
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": "A"},
        "serviceCode": service,
        "terms": terms,
        "version": "1",
    }


def price(key: PriceKey, products: Sequence[Json]) -> ListedPrice:
    return listed_price(key, parsed(products))


def foreign_products(key: PriceKey) -> Iterator[Json]:
    """Yield products that are not the one that is meant: of other keys, and in one attribute another."""
    yield from (product(other, usd) for other in KEYS if other != key for usd in USD)
    yield from (one for one in RECORDED if not _is_like(one, key))
    for usd, service in product_of(USD, ["AmazonRDS", "AmazonECS", ""]):
        yield {**product(key, usd), "serviceCode": service}
    for usd, market in product_of(USD, ["CapacityBlock", "Spot", ""]):
        if key.kind is PriceKind.COMPUTE:
            yield product(key, usd, marketoption=market)
    for usd, name in product_of(USD, [*lookup_of(key).filters, "locationType"]):
        for value in ("", "0", "Used ", "EBS IOPS Tier 4", "eu-west-9", "AWS Outposts", "RunInstances:CB", "Host"):
            yield product(key, usd, **{name: value})
        without = product(key, usd)
        without["product"]["attributes"].pop(name, None) or without["product"].pop("productFamily")
        yield without


def _is_like(one: Json, key: PriceKey) -> bool:
    """Return True if a recorded product matches a key: then it makes a price ambiguous."""
    fields = {**one["product"]["attributes"], "productFamily": one["product"].get("productFamily", "")}
    return all(fields.get(name) == value for name, value in lookup_of(key).filters.items())


def unusable_products(key: PriceKey) -> Iterator[Json]:
    """Yield the product of a key without a price that can be used."""
    for usd in ("0", "0.0000000000", "-1", "", "NaN", "Infinity", "1e3", "1,5", " 1", "0x1", "\u0661", None, 0.5):
        yield _changed(key, pricePerUnit={"USD": usd})
    prices: Any
    terms: Any
    for prices in ({"CNY": "0.53"}, {"EUR": "0.5"}, {"usd": "0.5"}, {}, None, 1, []):
        yield _changed(key, pricePerUnit=prices)
    for unit in ("", "Hrs", "Quantity", "GB-Mo", "IOPS-Mo", "IOs", "Lambda-GB-Second", None):
        if unit not in UNITS[key.kind]:
            yield _changed(key, unit=unit)
    for limits in ({"beginRange": "1"}, {"endRange": "750"}, {"endRange": ""}, {"beginRange": None}):
        yield _changed(key, **limits)
    one = product(key)["terms"]["OnDemand"]["A.B"]
    for terms in ({"A.B": one, "A.E": one}, {}, None, [], "x", {"A.B": {}}, {"A.B": {"priceDimensions": {}}}):
        yield {**product(key), "terms": {"OnDemand": terms}}
    for terms in ({}, None, []):
        yield {**product(key), "terms": terms}


def _changed(key: PriceKey, **changed: object) -> Json:
    one = product(key)
    one["terms"]["OnDemand"]["A.B"]["priceDimensions"]["A.B.C"] |= changed
    return one


def parsed(products: Iterable[Json]) -> list[Product]:
    return [parse_product(json.dumps(one)) for one in products]


FOREIGN = {key: parsed(foreign_products(key)) for key in KEYS}
UNUSABLE = {key: parsed(unusable_products(key)) for key in KEYS}


def price_list(random: Random) -> tuple[PriceKey, list[Product], ListedPrice]:
    """Return a key, a list, and what the list says of it."""
    key = random.choice(KEYS)
    usd = Decimal(random.randint(1, 10 ** random.randint(1, 14))).scaleb(-10)
    unit = random.choice(UNITS[key.kind])
    meant = parsed([product(key, f"{usd:f}", unit)]) * random.choice([0, 1, 1, 1, 2])
    unusable = random.sample(UNUSABLE[key], random.choice([0, 0, 1]))
    products = [*meant, *unusable, *random.sample(FOREIGN[key], random.randint(0, 5))]
    random.shuffle(products)
    is_single = len(meant) == 1 and not unusable
    expected = ListedPrice(usd / (1024 if unit == "GiBps-mo" else 1), "1") if is_single else ListedPrice(None)
    return key, products, expected


@example_count(10_000)
@given(st.integers(0, 2**64))
def test_no_price_is_from_an_ambiguous_or_foreign_product(seed: int) -> None:
    """A generator of hypothesis's own would take minutes for so many lists."""
    key, products, expected = price_list(Random(seed))  # noqa: S311 - no secret
    assert listed_price(key, products) == expected


@settings(max_examples=scaled(50))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["product", "attributes", "terms", "OnDemand", "serviceCode"]), inner)
        ),
    )
)
def test_any_json_is_a_product_or_refused(content: object) -> None:
    try:
        found = parse_product(json.dumps(content))
    except Unreadable:
        return
    assert listed_price(LINUX, [found]).usd is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"product": {"attributes": []}}', None, 5, {"product": {}}])
def test_what_is_no_product_is_refused(text: object) -> None:
    with pytest.raises(Unreadable):
        parse_product(text)


def test_other_kinds_of_snapshots_have_other_prices() -> None:
    key = PriceKey(PriceKind.SNAPSHOT, "eu-west-1")
    archive = product(key, "0.0125", usagetype="EU-EBS:SnapshotArchiveStorage")
    under = product(key, "0", usagetype="EU-EBS:SnapshotUsageUnderBilling")
    assert price(key, [archive, product(key, "0.05"), under]).usd == Decimal("0.05")
