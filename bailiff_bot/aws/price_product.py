"""Reads the products of AWS's price list, each of which is a string of JSON."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

_DECIMAL = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_ALL_QUANTITIES = ("0", "Inf")


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the list."""

    service: str
    family: str
    attributes: Mapping[str, str]
    version: str
    """The version of the list; empty if the product does not say it."""
    on_demand: Any
    """The terms of its price on demand, as they were read."""


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """The price of a product."""

    unit: str
    """As the list writes it."""
    usd: Decimal


def parse_product(text: object) -> Product:
    """Return the product in an entry of the list. Raises Unreadable if it is none."""
    try:
        content = orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict) or not isinstance(product := content.get("product"), dict):
        raise _no_product(text)
    attributes = product.get("attributes")
    if not isinstance(attributes, dict) or not _are_texts(attributes.values()):
        raise _no_product(text)
    terms = content.get("terms")
    return Product(
        _text(content, "serviceCode"),
        _text(product, "productFamily"),
        attributes,
        _text(content, "version"),
        terms.get("OnDemand") if isinstance(terms, dict) else None,
    )


def price_of(product: Product) -> ProductPrice | None:
    """Return the price of a product on demand.

    Returns None if it has none or several, one for a part of the quantities, one that is no plain number above zero,
    or one in another currency.
    """
    dimension = _only(_field(_only(product.on_demand), "priceDimensions"))
    unit, usd = _field(dimension, "unit"), _field(_field(dimension, "pricePerUnit"), "USD")
    if (_field(dimension, "beginRange"), _field(dimension, "endRange")) != _ALL_QUANTITIES:
        return None
    if not isinstance(unit, str) or not isinstance(usd, str) or not _DECIMAL.fullmatch(usd) or not Decimal(usd):
        return None
    return ProductPrice(unit, Decimal(usd))


def _only(values: object) -> object:
    """Return the only value of a mapping; None if it has none or several, or is no mapping."""
    return next(iter(values.values())) if isinstance(values, dict) and len(values) == 1 else None


def _field(content: object, name: str) -> object:
    return content.get(name) if isinstance(content, dict) else None


def _text(content: Mapping[str, object], name: str) -> str:
    """Return a text that may be missing. Raises Unreadable if it is none."""
    value = content.get(name, "")
    if not isinstance(value, str):
        raise _no_product(value)
    return value


def _are_texts(values: Collection[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _no_product(text: object) -> Unreadable:
    return Unreadable(UnreadReason.BAD_ANSWER, redacted_line(f"GetProducts answered no product: {text!s:.80}"))
