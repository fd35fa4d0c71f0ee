"""All products of the sandbox's Price List."""

from functools import cache
from importlib.resources import files

from bailiff_bot.sandbox.aws.pricing.instance_types import instance_products
from bailiff_bot.sandbox.aws.pricing.product import Product, parse_product
from bailiff_bot.sandbox.aws.pricing.storage import storage_products

_IDENTITY = (
    "servicecode productFamily regionCode instanceType operation tenancy capacitystatus volumeApiName group "
    "groupDescription"
).split()
"""The fields that tell the products of a region apart. Snapshots also need their usage type."""


@cache
def all_products() -> tuple[Product, ...]:
    """Return the recorded products, and the made ones that are not recorded."""
    recorded = recorded_products()
    known = {_identity(product) for product in recorded}
    made = (*instance_products(), *storage_products())
    return (*recorded, *(product for product in made if _identity(product) not in known))


@cache
def recorded_products() -> tuple[Product, ...]:
    """Return the products that GetProducts answered to public projects."""
    text = (files(__package__) / "recorded.jsonl").read_text("utf-8")
    return tuple(parse_product(line) for line in text.splitlines())


def _identity(product: Product) -> tuple[str, ...]:
    usage_type = product.fields["usagetype"] if product.matches("productFamily", "Storage Snapshot") else ""
    return (*(product.fields.get(name, "") for name in _IDENTITY), usage_type)
