"""The products of the sandbox's Price List."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

from bailiff_bot.sandbox.aws.pricing.catalogue import all_products, recorded_products
from bailiff_bot.sandbox.aws.pricing.instance_types import TYPES

CASES = Path(__file__).parents[2] / "cases" / "price-list" / "products.jsonl"


def test_the_recorded_products_are_those_of_the_cases() -> None:
    packaged = files("bailiff_bot.sandbox.aws.pricing") / "recorded.jsonl"
    assert packaged.read_bytes() == CASES.read_bytes()


def test_the_made_ones_are_of_thirty_more_types_and_repeat_none_that_is_recorded() -> None:
    recorded = recorded_products()
    recorded_types = {product.fields.get("instanceType") for product in recorded}
    assert len({kind.name for kind in TYPES} - recorded_types) >= 30
    assert all_products()[: len(recorded)] == recorded
    keys = "servicecode regionCode usagetype operation".split()
    counts = Counter(tuple(product.fields[key] for key in keys) for product in all_products()[len(recorded) :])
    assert [key for key, count in counts.items() if count > 1] == []


def test_each_of_them_has_a_code_of_its_own() -> None:
    made = all_products()[len(recorded_products()) :]
    assert len({product.fields["sku"] for product in made}) == len(made)
