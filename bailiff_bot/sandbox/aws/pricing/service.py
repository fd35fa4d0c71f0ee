"""GetProducts: finds products, and pages them."""

import base64
import binascii
import hashlib

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws import errors
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.pricing.catalogue import all_products
from bailiff_bot.sandbox.aws.pricing.parameters import ProductQuery, parse_query
from bailiff_bot.sandbox.aws.pricing.product import Product
from bailiff_bot.sandbox.aws.protocols import Protocol, json_response
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

ENDPOINT_REGIONS = ("us-east-1", "eu-central-1", "ap-south-1")
"""The regions in which the Price List has an endpoint; China's is another partition."""
_FORMAT_VERSION = "aws_v1"


class PriceList:
    """The Price List. Its pages can expire; nothing else of it changes."""

    def __init__(self) -> None:
        self._generation = 0
        """Tokens of an earlier one have expired."""

    def expire_pages(self) -> None:
        """Expire every token that was given so far."""
        self._generation += 1

    def respond(self, call: SignedRequest) -> Response:
        """Return the response to a call that is allowed. Raises `AwsApiError`."""
        if call.region not in ENDPOINT_REGIONS:
            raise errors.wrong_scope(call.service)
        if call.protocol is not Protocol.JSON or call.headers["x-amz-target"] != "AWSPriceListService.GetProducts":
            raise AwsApiError("UnknownOperationException", "")
        if call.parameters is None:
            raise AwsApiError("SerializationException", "")
        query = parse_query(call.parameters)
        return json_response(self._page(query, [product for product in all_products() if query.accepts(product)]))

    def _page(self, query: ProductQuery, found: list[Product]) -> dict[str, object]:
        start = 0 if query.token is None else self._offset(query)
        end = start + query.max_results
        page: dict[str, object] = {
            "FormatVersion": _FORMAT_VERSION,
            "PriceList": [product.text for product in found[start:end]],
        }
        return page | ({"NextToken": self._token(query, end)} if end < len(found) else {})

    def _token(self, query: ProductQuery, offset: int) -> str:
        content = f"{_digest(query)}/{self._generation}/{offset}"
        return base64.urlsafe_b64encode(content.encode()).decode()

    def _offset(self, query: ProductQuery) -> int:
        """Return where a page begins. Raises InvalidNextTokenException also for the token of another query."""
        try:
            digest, generation, offset = base64.urlsafe_b64decode(query.token or "").decode().split("/")
        except (binascii.Error, ValueError):
            digest, generation, offset = "", "", ""
        if digest != _digest(query):
            raise AwsApiError("InvalidNextTokenException", "The pagination token is invalid.")
        if int(generation) != self._generation:
            raise AwsApiError("ExpiredNextTokenException", "The pagination token expired.")
        return int(offset)


def _digest(query: ProductQuery) -> str:
    """Return what makes a query: a token is valid for the same service and filters only."""
    return hashlib.sha256(repr((query.service, query.filters)).encode()).hexdigest()
