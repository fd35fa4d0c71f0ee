"""Asks AWS's price list for products: the operation GetProducts of the Price List Query API."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.price_lookup import Lookup
from bailiff_bot.aws.price_product import Product, parse_product
from bailiff_bot.aws.response_fields import required_field
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.inventory import UnreadReason

PAGE_SIZE = 100
"""Products a page, the maximum of the API."""

_WITHOUT_LIST = re.compile(r"us-gov-|[a-z]+-iso[a-z]*-|eusc-")
"""How the regions of partitions begin in which the API does not exist."""


def endpoint_region(region: str) -> str | None:
    """Return the region in which the list of a region's prices is; None if there is none."""
    if _WITHOUT_LIST.match(region):
        return None
    return "cn-northwest-1" if region.startswith("cn-") else "us-east-1"


def products(lookup: Lookup, region: str, limits: Limits, before_call: Callable[[], object]) -> Iterator[Product]:
    """Yield what the list in a region has for a look-up, with the bot's own credentials.

    Calls `before_call` before each page. Raises Unreadable.
    """
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in lookup.filters.items()]
    asked: dict[str, Any] = {"ServiceCode": lookup.service, "Filters": filters, "FormatVersion": "aws_v1"}
    token: str | None = None
    while True:
        before_call()
        with SESSIONS.client("pricing", Access(), limits, region) as pricing, translate_aws_errors():
            page = pricing.get_products(**asked, MaxResults=PAGE_SIZE, **({"NextToken": token} if token else {}))
        yield from map(parse_product, required_field(page, "PriceList"))
        before, token = token, page.get("NextToken")
        if not token:
            return
        if token == before:
            raise Unreadable(UnreadReason.BAD_ANSWER, "GetProducts returned the same token for the next page twice")
