"""A product of the Price List, and how a document of one is made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

EC2, VPC = "AmazonEC2", "AmazonVPC"
"""The service codes."""
_MADE = {"version": "20260910195514", "publicationDate": "2026-09-10T19:55:14Z"}
_ON_DEMAND, _RESERVED, _RATE = "JRTCKXETXF", "4NA7Y494T4", "6YS6EN2CT7"
"""AWS's codes of the term on demand, of a reservation for a year, and of the rate of either."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product that GetProducts returns."""

    service: str
    """The service code."""
    fields: Mapping[str, str]
    """What filters compare: the attributes, `productFamily` and `sku`."""
    text: str = field(repr=False)
    """The document in JSON, an entry of `PriceList`."""

    def matches(self, name: str, value: str) -> bool:
        """Return True if it has a field of this name with this value."""
        return self.fields.get(name) == value


@dataclass(frozen=True, slots=True)
class Price:
    """What a product costs."""

    usd: Decimal
    unit: str
    description: str


def parse_product(text: str) -> Product:
    """Return the product of a document."""
    document = json.loads(text)
    product = document["product"]
    family = {"productFamily": product["productFamily"]} if "productFamily" in product else {}
    return Product(document["serviceCode"], {**product["attributes"], **family, "sku": product["sku"]}, text)


def make_product(
    attributes: Mapping[str, str], price: Price, family: str = "", reserved: Price | None = None
) -> Product:
    """Return a product in the form of AWS's.

    Arguments: the attributes, with `servicecode`; its price on demand; the product family, if it has one; its price
    when it is reserved for a year, if it can be: that stands beside the price on demand and is none.
    """
    sku = _code(family, *(f"{name}={value}" for name, value in sorted(attributes.items())))
    product = {"sku": sku, **({"productFamily": family} if family else {}), "attributes": dict(attributes)}
    terms = {"OnDemand": _term(sku, _ON_DEMAND, price)}
    if reserved:
        terms["Reserved"] = _term(sku, _RESERVED, reserved, LeaseContractLength="1yr", PurchaseOption="No Upfront")
    document = {"product": product, "serviceCode": attributes["servicecode"], "terms": terms, **_MADE}
    return parse_product(json.dumps(document))


def _term(sku: str, code: str, price: Price, **attributes: str) -> dict[str, Any]:
    """Return a term with one price. Arguments: the SKU; the code of the term; its price; its attributes."""
    key = f"{sku}.{code}"
    rate = {
        "unit": price.unit,
        "beginRange": "0",
        "endRange": "Inf",
        "description": price.description,
        "appliesTo": [],
        "rateCode": f"{key}.{_RATE}",
        "pricePerUnit": {"USD": f"{price.usd:.10f}"},
    }
    term = {"sku": sku, "offerTermCode": code, "effectiveDate": "2026-09-01T00:00:00Z", "termAttributes": attributes}
    return {key: {**term, "priceDimensions": {f"{key}.{_RATE}": rate}}}


def _code(*parts: str) -> str:
    """Return a code of 16 characters, as AWS's SKUs are: it is the same in every run."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16].upper()
