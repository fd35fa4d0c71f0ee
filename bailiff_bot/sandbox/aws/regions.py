"""The regions of an ordinary account, and the response of DescribeRegions."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from xml.sax.saxutils import escape

DEFAULT_REGIONS = tuple(
    """ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1
    eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2""".split()
)
"""The 17 regions that every account has."""

OPT_IN_REGIONS = ("af-south-1", "ap-east-1", "ap-southeast-3", "eu-south-1", "me-south-1")
"""Some of the regions that an account must enable first; they are disabled here."""


def opt_in_status(region: str, disabled: Iterable[str]) -> str:
    """Return the `optInStatus` of a region, one of three values."""
    if region in disabled:
        return "not-opted-in"
    return "opt-in-not-required" if region in DEFAULT_REGIONS else "opted-in"


def describe_regions(form: Mapping[str, str], disabled: Iterable[str], request_id: str) -> str:
    """Return the response of DescribeRegions.

    Arguments: the request's parameters; the regions that are not enabled for the account; the id of the response.
    """
    disabled = frozenset(disabled)
    items = "".join(_item(region, opt_in_status(region, disabled)) for region in _selected_regions(form, disabled))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id}</requestId><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )


def _selected_regions(form: Mapping[str, str], disabled: frozenset[str]) -> list[str]:
    include_disabled = form.get("AllRegions") == "true"
    names = {value for key, value in form.items() if key.startswith("RegionName.")}
    return [
        region
        for region in sorted({*DEFAULT_REGIONS, *OPT_IN_REGIONS})
        if (include_disabled or region not in disabled)
        and (not names or region in names)
        and _matches_filters(region, form, disabled)
    ]


def _matches_filters(region: str, form: Mapping[str, str], disabled: frozenset[str]) -> bool:
    row = {
        "region-name": region,
        "endpoint": _endpoint(region),
        "opt-in-status": opt_in_status(region, disabled),
    }
    filters = {key.removesuffix(".Name"): value for key, value in form.items() if _is_filter_name(key)}
    return all(
        any(fnmatchcase(row.get(name, ""), wanted) for key, wanted in form.items() if key.startswith(f"{prefix}.Value"))
        for prefix, name in filters.items()
    )


def _is_filter_name(key: str) -> bool:
    return key.startswith("Filter.") and key.endswith(".Name")


def _item(region: str, status: str) -> str:
    return (
        f"<item><regionName>{escape(region)}</regionName><regionEndpoint>{_endpoint(region)}</regionEndpoint>"
        f"<optInStatus>{status}</optInStatus></item>"
    )


def _endpoint(region: str) -> str:
    return f"ec2.{region}.amazonaws.com"
