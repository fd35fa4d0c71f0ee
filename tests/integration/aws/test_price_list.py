"""Prices are looked up in the list as AWS's API gives it: in pages, with limits, and with refusals."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.price_list import AwsPriceList
from bailiff_bot.domain.gap import GapSource
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.listed_price import ListedPrice, LookedUp
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import snapshot_key
from tests.integration.aws.fake_aws import HTML, AwsReply, AwsRequest, FakeAws, replies_in_order

PRODUCTS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "cases" / "price-list" / "products.jsonl").read_text().splitlines()
]
LINUX = PriceKey(PriceKind.COMPUTE, "us-east-1", "m5.xlarge", "RunInstances", "Shared")
WINDOWS = PriceKey(PriceKind.COMPUTE, "us-east-1", "m5.xlarge", "RunInstances:0002", "Shared")
ADDRESS = PriceKey(PriceKind.ADDRESS, "us-east-1")
UNKNOWN = PriceKey(PriceKind.COMPUTE, "us-east-1", "q9.huge", "RunInstances", "Shared")
NOT_A_LIST = "not an answer of the price list"
MANY = [PriceKey(PriceKind.STORAGE, "us-east-1", f"gp{number}") for number in range(20)]
ONE_ATTEMPT = Limits(max_attempts=1, read_timeout=0.3, target_deadline=2.0)


class PriceListApi:
    """GetProducts over the recorded products, as strict as AWS. It gives one product a page."""

    def __call__(self, request: AwsRequest) -> AwsReply:
        asked = request.content
        assert asked.keys() <= {"ServiceCode", "Filters", "FormatVersion", "MaxResults", "NextToken"}
        assert (asked["FormatVersion"], asked["MaxResults"]) == ("aws_v1", 100)
        start = int(asked.get("NextToken", 0))
        found = [one for one in PRODUCTS if _is_found(one, asked)]
        page = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in found[start : start + 1]]}
        return reply(page | ({"NextToken": str(start + 1)} if start + 1 < len(found) else {}))


def _is_found(product: dict[str, Any], asked: dict[str, Any]) -> bool:
    fields = {**product["product"]["attributes"], "productFamily": product["product"].get("productFamily")}
    assert all(one["Type"] == "TERM_MATCH" and one["Field"] and one["Value"] for one in asked["Filters"])
    return product["serviceCode"] == asked["ServiceCode"] and all(
        fields.get(one["Field"]) == one["Value"] for one in asked["Filters"]
    )


def reply(content: Any, status: int = 200) -> AwsReply:
    return AwsReply(json.dumps(content).encode(), status)


def refusal(code: str, message: str = "no", status: int = 400) -> AwsReply:
    return reply({"__type": f"com.amazonaws.pricing#{code}", "Message": message}, status)


def look_up(keys: Sequence[PriceKey], seconds: float = 30.0) -> LookedUp:
    return AwsPriceList(lambda _seconds: False, seconds, ONE_ATTEMPT).look_up(keys)


@pytest.fixture
def aws(fake_aws: FakeAws) -> FakeAws:
    fake_aws.on("GetProducts", PriceListApi())
    return fake_aws


def test_each_price_is_looked_up_once_in_the_list_of_the_partition(aws: FakeAws) -> None:
    found = look_up([LINUX, WINDOWS, ADDRESS, LINUX, UNKNOWN])
    assert found == LookedUp(
        {
            LINUX: ListedPrice(Decimal("0.192"), "20260910195514"),
            WINDOWS: ListedPrice(Decimal("0.376"), "20260910195514"),
            ADDRESS: ListedPrice(Decimal("0.005"), "20260724154225"),
            UNKNOWN: ListedPrice(None),
        }
    )
    assert aws.count("GetProducts", "us-east-1") == 4


def test_all_pages_are_read(aws: FakeAws) -> None:
    aws.on("GetProducts", lambda request: PriceListApi()(_without_filters(request)))
    found = look_up([LINUX])
    assert found.prices == {LINUX: ListedPrice(Decimal("0.192"), "20260910195514")}
    assert aws.count("GetProducts") == sum(one["serviceCode"] == "AmazonEC2" for one in PRODUCTS)


def _without_filters(request: AwsRequest) -> AwsRequest:
    request.content["Filters"] = []
    return request


def test_china_has_its_own_list_and_govcloud_has_none(aws: FakeAws) -> None:
    china = PriceKey(PriceKind.STORAGE, "cn-northwest-1", "gp3")
    govcloud = PriceKey(PriceKind.STORAGE, "us-gov-west-1", "gp3")
    assert look_up([china, govcloud]).prices == {china: ListedPrice(None), govcloud: ListedPrice(None)}
    assert [request.region for request in aws.requests] == ["cn-northwest-1"]


def test_a_refusal_is_one_gap_with_what_to_do_and_is_not_repeated(aws: FakeAws) -> None:
    message = "User: arn:aws:iam::111122223333:user/bailiff is not authorized to perform: pricing:GetProducts"
    aws.on("GetProducts", refusal("AccessDeniedException", message))
    found = look_up(MANY)
    [gap] = found.gaps
    assert (found.prices, gap.source, gap.reason) == ({}, GapSource.PRICES, UnreadReason.ACCESS_DENIED)
    assert gap.detail.startswith("20 prices not looked up: AccessDeniedException: User: ")
    assert "allow pricing:GetProducts" in gap.remedy
    assert aws.count("GetProducts") == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal("ThrottlingException"), UnreadReason.THROTTLED),
        (refusal("InternalErrorException", status=500), UnreadReason.SERVER_ERROR),
        (AwsReply(HTML), NOT_A_LIST),
        (reply({"PriceList": ["{"]}), NOT_A_LIST),
        (reply({"PriceList": [{"product": {}}]}), NOT_A_LIST),
        (
            reply({"PriceList": [json.dumps({"product": {"attributes": {"location": 5}}})]}),
            NOT_A_LIST,
        ),
        (reply({}), NOT_A_LIST),
        (reply({"PriceList": [], "NextToken": "1"}), NOT_A_LIST),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
        (AwsReply(hang=True), UnreadReason.TIMED_OUT),
    ],
)
def test_a_list_that_does_not_answer_is_a_gap_and_soon_left_alone(aws: FakeAws, answer: AwsReply, reason: str) -> None:
    aws.on("GetProducts", answer)
    found = look_up(MANY)
    assert (found.prices, [gap.reason for gap in found.gaps]) == ({}, [reason])
    assert aws.count("GetProducts") <= 6


def test_one_failure_leaves_the_other_prices(aws: FakeAws) -> None:
    api = PriceListApi()
    failures = iter([refusal("ThrottlingException")])
    aws.on("GetProducts", lambda request: next(failures, None) or api(request))
    found = look_up([LINUX, WINDOWS, ADDRESS])
    assert len(found.prices) == 2
    assert [gap.detail for gap in found.gaps] == ["1 price not looked up: ThrottlingException: no"]


def test_a_slow_list_ends_at_the_deadline_with_what_was_found(aws: FakeAws) -> None:
    aws.on("GetProducts", replies_in_order(reply({"PriceList": []}), *[AwsReply(drip=True, announced_length=9999)] * 3))
    found = look_up(MANY, seconds=0.5)
    assert len(found.prices) == 1
    assert [(gap.reason, gap.remedy) for gap in found.gaps] == [
        (UnreadReason.TIMED_OUT, "what is missing is looked up at the next scan")
    ]


def test_calls_keep_below_the_limit_of_the_api(aws: FakeAws) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    assert aws
    AwsPriceList(pause, 30.0, ONE_ATTEMPT).look_up(MANY)
    assert pauses


def test_a_process_that_stops_asks_no_more(aws: FakeAws) -> None:
    found = AwsPriceList(lambda _seconds: True, 30.0, ONE_ATTEMPT).look_up(MANY)
    assert aws.count("GetProducts") < len(MANY)
    assert [gap.reason for gap in found.gaps] == [UnreadReason.TIMED_OUT]


def test_a_snapshot_s_price_is_asked_for_by_its_family(aws: FakeAws) -> None:
    assert look_up([snapshot_key("us-east-1")]).prices == {snapshot_key("us-east-1"): ListedPrice(None)}
    assert [one["Value"] for one in aws.requests[-1].content["Filters"]] == ["Storage Snapshot", "us-east-1"]
