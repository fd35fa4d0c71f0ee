"""The parameters of GetProducts, and what the Price List refuses of them.

From https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html; the texts of the
service code's errors as people report them, the others are assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.pricing.product import EC2, VPC, Product

MAX_RESULTS, MAX_FILTERS, MAX_LENGTH = 100, 50, 1024
FILTER_TYPES = ("TERM_MATCH", "EQUALS", "CONTAINS", "ANY_OF", "NONE_OF")
SERVICES = (EC2, VPC)
_FIELDS = frozenset(
    """availabilityzone capacitystatus classicnetworkingsupport clockSpeed currentGeneration dedicatedEbsThroughput ecu
    elasticGraphicsType enhancedNetworkingSupported fromLocation fromLocationType fromRegionCode gpu gpuMemory group
    groupDescription instance instanceCapacity10xlarge instanceFamily instanceSKU instanceType intelAvxAvailable
    licenseModel location locationType marketoption maxIopsBurstPerformance maxIopsvolume maxThroughputvolume
    maxVolumeSize memory networkPerformance normalizationSizeFactor operatingSystem operation physicalCores
    physicalProcessor preInstalledSw processorArchitecture processorFeatures productFamily productType provisioned
    regionCode servicecode ServiceCode servicename sku snapshotarchivefeetype storage storageMedia tenancy termType
    toLocation toLocationType toRegionCode transferType usagetype vcpu volumeApiName volumeType vpcnetworkingsupport
    """.split()
)
"""The attributes of AmazonEC2 and AmazonVPC that DescribeServices names, and the fields that are no attributes."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of GetProducts. The values of `ANY_OF` and `NONE_OF` are separated by commas."""

    type: str
    field: str
    value: str

    def accepts(self, product: Product) -> bool:
        """Return True if a product has the field, and its value is as the filter wants it."""
        actual = product.service if self.field.lower() == "servicecode" else product.fields.get(self.field)
        if actual is None:
            return False
        if self.type == "CONTAINS":
            return self.value in actual
        if self.type in {"ANY_OF", "NONE_OF"}:
            return (actual in self.value.split(",")) == (self.type == "ANY_OF")
        return actual == self.value


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """A checked call of GetProducts."""

    service: str
    filters: tuple[Filter, ...]
    max_results: int
    token: str | None

    def accepts(self, product: Product) -> bool:
        """Return True if a product is of the service and every filter accepts it."""
        return product.service == self.service and all(one.accepts(product) for one in self.filters)


def parse_query(parameters: Mapping[str, Any]) -> ProductQuery:
    """Return the checked parameters. Raises the `AwsApiError` of GetProducts."""
    if unknown := parameters.keys() - {"ServiceCode", "Filters", "FormatVersion", "MaxResults", "NextToken"}:
        _refuse(f"unknown parameter {min(unknown)}")
    if parameters.get("FormatVersion", "aws_v1") != "aws_v1":
        _refuse("Invalid FormatVersion")
    filters = parameters.get("Filters", [])
    if not isinstance(filters, list) or len(filters) > MAX_FILTERS:
        _refuse(f"Filters must be a list of at most {MAX_FILTERS}")
    token = parameters.get("NextToken")
    if not isinstance(token, str | None):
        _refuse("NextToken must be a string")
    return ProductQuery(_service(parameters), tuple(map(_filter, filters)), _max_results(parameters), token)


def _service(parameters: Mapping[str, Any]) -> str:
    service = parameters.get("ServiceCode")
    if not isinstance(service, str) or not service:
        raise AwsApiError(
            "InvalidParameterException", "Input Parameters are invalid. serviceCode cannot be null or empty"
        )
    if not re.fullmatch("[a-zA-Z0-9]+", service):
        raise AwsApiError("InvalidParameterException", "ServiceCode can only contain a-z, A-Z, 0-9")
    if service not in SERVICES:
        raise AwsApiError("InvalidParameterException", f"Invalid ServiceCode: {service}")
    return service


def _filter(given: Any) -> Filter:
    if not isinstance(given, dict) or given.keys() != {"Type", "Field", "Value"}:
        _refuse("a filter has Type, Field and Value")
    kind, field, value = given["Type"], given["Field"], given["Value"]
    if kind not in FILTER_TYPES:
        _refuse(f"filter type {kind} is not one of {', '.join(FILTER_TYPES)}")
    if not all(isinstance(text, str) and 0 < len(text) <= MAX_LENGTH for text in (field, value)):
        _refuse(f"Field and Value of a filter have 1 to {MAX_LENGTH} characters")
    if field not in _FIELDS:
        _refuse(f"filter field {field} is no attribute")
    return Filter(kind, field, value)


def _max_results(parameters: Mapping[str, Any]) -> int:
    size = parameters.get("MaxResults", MAX_RESULTS)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MAX_RESULTS:
        _refuse(f"MaxResults must be between 1 and {MAX_RESULTS}")
    return int(size)


def _refuse(reason: str) -> NoReturn:
    raise AwsApiError("InvalidParameterException", f"Input Parameters are invalid. {reason}")
