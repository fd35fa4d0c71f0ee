"""GetMetricData of the sandbox, as boto3 calls it over HTTP."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import NOW, ClientFactory, error_code, lab_credentials

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = NOW.replace(hour=0)
WINDOW = {"StartTime": TODAY - 14 * DAY, "EndTime": TODAY}
UNCHECKED = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


def fixture(key: str, usage: UsagePattern = UsagePattern.IDLE, **fields: Any) -> InstanceFixture:
    values = {"name": f"agr-{key}", "since_start": 60 * DAY, "expected_table": "legit", "usage": usage, **fields}
    return InstanceFixture(key=key, **values)


FLEET = (
    *(fixture(pattern.value, pattern) for pattern in UsagePattern),
    fixture("new", since_start=3 * DAY + 6.5 * HOUR),
    fixture("restarted", since_start=2 * DAY, since_creation=60 * DAY),
    fixture("stopped", state="stopped", reason=STOPPED_BY_USER, since_stop=4 * DAY),
    fixture("lab", UsagePattern.USED, account=LAB_ACCOUNT),
)
IDS = {one.key: one.id for one in FLEET}


@pytest.fixture
def aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(FLEET, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def cloudwatch(client: ClientFactory) -> Any:
    return client("cloudwatch", "eu-west-1", UNCHECKED)


def query(
    key: str, metric: str = "CPUUtilization", stat: str = "Average", name: str = "m0", **stat_fields: Any
) -> dict[str, Any]:
    dimensions = [{"Name": "InstanceId", "Value": IDS.get(key, key)}]
    metric_fields = {"Namespace": "AWS/EC2", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": metric_fields, "Period": 3600, "Stat": stat, **stat_fields}}


def values(
    cloudwatch: Any,
    key: str,
    metric: str = "CPUUtilization",
    stat: str = "Average",
    window: dict[str, datetime] = WINDOW,
    **stat_fields: Any,
) -> dict[datetime, float]:
    queries = [query(key, metric, stat, **stat_fields)]
    [result] = cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]
    assert result["StatusCode"] == "Complete"
    return dict(zip(result["Timestamps"], result["Values"], strict=True))


def whole_hours(cloudwatch: Any, key: str) -> int:
    return len(values(cloudwatch, key))


class TestPatterns:
    def test_are_idle_quiet_or_used(self, cloudwatch: Any) -> None:
        def highest(pattern: UsagePattern, metric: str, stat: str, period: int = 3600) -> float:
            return max(values(cloudwatch, pattern.value, metric, stat, Period=period).values())

        def network(pattern: UsagePattern) -> float:
            return sum(highest(pattern, metric, "Sum", 86400) for metric in ("NetworkIn", "NetworkOut"))

        for pattern in (UsagePattern.IDLE, UsagePattern.GPU):
            assert highest(pattern, "CPUUtilization", "Maximum") < 5
            assert network(pattern) < 5_000_000
        assert highest(UsagePattern.QUIET, "CPUUtilization", "Maximum") > 20
        assert highest(UsagePattern.QUIET, "CPUUtilization", "Average", 86400) < 10
        assert 5_000_000 < network(UsagePattern.QUIET) < 1_000_000_000
        assert highest(UsagePattern.USED, "CPUUtilization", "Average", 86400) > 10
        assert highest(UsagePattern.FILE_SERVER, "CPUUtilization", "Maximum") < 5
        assert network(UsagePattern.FILE_SERVER) > 1_000_000_000

    def test_say_which_hours_have_values(self, cloudwatch: Any) -> None:
        assert whole_hours(cloudwatch, "idle") == 14 * 24
        assert whole_hours(cloudwatch, "stopped at night") == 14 * 14
        assert max(values(cloudwatch, "late")) == TODAY - 21 * HOUR
        assert whole_hours(cloudwatch, "no values") == 0

    def test_are_the_same_in_each_call_and_protocol(self, aws: AwsSandbox, cloudwatch: Any) -> None:
        body = {
            "MetricDataQueries": [query("used")],
            "StartTime": WINDOW["StartTime"].timestamp(),
            "EndTime": WINDOW["EndTime"].timestamp(),
        }

        [result] = json.loads(json_request(aws, body).content)["MetricDataResults"]

        times = [time.timestamp() for time in values(cloudwatch, "used")]
        assert (result["Timestamps"], result["Values"]) == (times, list(values(cloudwatch, "used").values()))

    def test_can_be_changed(self, aws: AwsSandbox, cloudwatch: Any) -> None:
        aws.set_usage("idle", "used")

        assert aws.usage("idle") is UsagePattern.USED
        assert max(values(cloudwatch, "idle").values()) > 30
        with pytest.raises(ValueError, match="busy"):
            aws.set_usage("idle", "busy")


class TestRunning:
    def test_an_instance_has_values_since_its_start(self, cloudwatch: Any) -> None:
        assert min(values(cloudwatch, "new")) == NOW.replace(minute=0) - 3 * DAY - 7 * HOUR

    def test_a_restart_leaves_a_gap(self, cloudwatch: Any) -> None:
        window = {"StartTime": NOW - 3 * DAY, "EndTime": NOW - DAY}

        missing = {NOW - 3 * DAY + number * HOUR for number in range(48)} - values(
            cloudwatch, "restarted", window=window
        ).keys()
        assert missing == {NOW - 2 * DAY - HOUR}

    def test_a_stop_ends_the_values_and_a_start_goes_on(self, aws: AwsSandbox, cloudwatch: Any) -> None:
        assert max(values(cloudwatch, "stopped")) == NOW - 4 * DAY - HOUR

        aws.start("stopped")
        aws.stop("idle")
        aws.advance_time(2 * DAY)
        window = {"StartTime": NOW - HOUR, "EndTime": NOW + 2 * DAY}

        assert len(values(cloudwatch, "stopped", window=window)) == 48
        assert len(values(cloudwatch, "idle", window=window)) == 1
        assert len(values(cloudwatch, "used", window=window)) == 49

    def test_nothing_is_known_of_the_future_or_of_what_is_deleted(self, aws: AwsSandbox, cloudwatch: Any) -> None:
        assert values(cloudwatch, "idle", window={"StartTime": NOW, "EndTime": NOW + DAY}) == {}
        aws.delete("idle")
        assert values(cloudwatch, "idle") == {}
        assert values(cloudwatch, "i-0123456789abcdef0") == {}

    def test_accounts_and_regions_are_apart(self, client: ClientFactory, cloudwatch: Any) -> None:
        lab = client("cloudwatch", "eu-west-1", **lab_credentials(client))

        assert values(cloudwatch, "lab") == {}
        assert whole_hours(lab, "lab") == 14 * 24
        assert values(client("cloudwatch", "eu-west-3"), "idle") == {}


class TestStatistics:
    def test_of_a_day_are_those_of_its_hours(self, cloudwatch: Any) -> None:
        for stat, combine in (("Maximum", max), ("Minimum", min), ("Sum", sum), ("Average", average)):
            hourly, daily = (values(cloudwatch, "used", stat=stat, Period=period) for period in (3600, 86400))
            day = {time: value for time, value in hourly.items() if time.date() == WINDOW["StartTime"].date()}
            assert daily[WINDOW["StartTime"]] == pytest.approx(combine(day.values()))

    def test_of_five_minutes_add_up(self, cloudwatch: Any) -> None:
        window = {"StartTime": TODAY - HOUR, "EndTime": TODAY}
        hourly, short = (
            values(cloudwatch, "used", "NetworkIn", "Sum", window=window, Period=period) for period in (3600, 300)
        )
        assert len(short) == 12
        assert sum(short.values()) == pytest.approx(sum(hourly.values()))

    def test_that_ec2_has_not_are_none(self, cloudwatch: Any) -> None:
        assert values(cloudwatch, "idle", "MemoryUtilization") == {}
        assert values(cloudwatch, "idle", Unit="Bytes") == {}
        assert len(values(cloudwatch, "idle", Unit="Percent")) == 14 * 24

    def test_of_short_periods_are_kept_for_a_short_time(self, cloudwatch: Any) -> None:
        window = {"StartTime": NOW - 59 * DAY, "EndTime": NOW - 58 * DAY}
        assert len(values(cloudwatch, "idle", window=window, Period=300)) == 288
        assert values(cloudwatch, "idle", window=window, Period=60) == {}
        older = {"StartTime": NOW - 64 * DAY, "EndTime": NOW}
        assert values(cloudwatch, "idle", window=older, Period=300) == {}
        assert len(values(cloudwatch, "idle", window=older)) == 60 * 24


class TestPages:
    def test_are_partial_until_all_is_told(self, cloudwatch: Any) -> None:
        queries = [query("idle", name="a"), query("used", name="b"), query("no values", name="c")]
        pages = [cloudwatch.get_metric_data(MetricDataQueries=queries, MaxDatapoints=400, **WINDOW)]
        token = pages[0]["NextToken"]
        pages.append(
            cloudwatch.get_metric_data(MetricDataQueries=queries, MaxDatapoints=400, NextToken=token, **WINDOW)
        )

        told = [
            [(one["Id"], one["StatusCode"], len(one["Values"])) for one in page["MetricDataResults"]] for page in pages
        ]
        assert told == [
            [("a", "Complete", 336), ("b", "PartialData", 64), ("c", "PartialData", 0)],
            [("b", "Complete", 272), ("c", "Complete", 0)],
        ]
        assert "NextToken" not in pages[1]

    def test_can_be_smaller_than_what_is_asked_for(self, aws: AwsSandbox, cloudwatch: Any) -> None:
        aws.set_metric_page_size(100)
        pages = cloudwatch.get_paginator("get_metric_data").paginate(MetricDataQueries=[query("idle")], **WINDOW)

        times = [time for page in pages for result in page["MetricDataResults"] for time in result["Timestamps"]]

        assert times == sorted(times, reverse=True)
        assert len(set(times)) == 14 * 24

    def test_can_begin_with_the_oldest(self, cloudwatch: Any) -> None:
        answer = cloudwatch.get_metric_data(MetricDataQueries=[query("idle")], ScanBy="TimestampAscending", **WINDOW)

        times = answer["MetricDataResults"][0]["Timestamps"]
        assert times[0] == WINDOW["StartTime"]
        assert times == sorted(times)

    def test_refuse_a_token_of_another_call(self, cloudwatch: Any) -> None:
        answer = cloudwatch.get_metric_data(MetricDataQueries=[query("idle")], MaxDatapoints=1, **WINDOW)

        for token in ("nonsense", answer["NextToken"]):
            parameters = {"MetricDataQueries": [query("used")], "NextToken": token, **WINDOW}
            assert error_code(cloudwatch.get_metric_data, **parameters) == "InvalidNextToken"


class TestRefusals:
    @pytest.mark.parametrize(
        "change",
        [
            {"MetricDataQueries": []},
            {"MetricDataQueries": [query("idle", name=f"m{number}") for number in range(501)]},
            {"MetricDataQueries": [query("idle"), query("used")]},
            {"MetricDataQueries": [query("idle", name="M0")]},
            {"MetricDataQueries": [query("idle", name="m-0")]},
            {"MetricDataQueries": [{"Id": "m0"}]},
            {"MetricDataQueries": [{**query("idle"), "Expression": "m1*2"}]},
            {"MetricDataQueries": [query("idle", Period=90)]},
            {"MetricDataQueries": [query("idle", stat="Mean")]},
            {"MaxDatapoints": 0},
            {"MaxDatapoints": 100_801},
            {"ScanBy": "Newest"},
            {"StartTime": TODAY},
            {"StartTime": TODAY + DAY},
        ],
    )
    def test_of_parameters_have_the_code_of_aws(self, cloudwatch: Any, change: dict[str, Any]) -> None:
        parameters = {"MetricDataQueries": [query("idle")], **WINDOW, **change}

        assert error_code(cloudwatch.get_metric_data, **parameters) == "ValidationError"

    def test_name_what_is_wrong(self, cloudwatch: Any) -> None:
        with pytest.raises(
            ClientError, match=r"MetricDataQueries\.member\.2\.MetricStat\.Stat is not a valid statistic"
        ):
            cloudwatch.get_metric_data(
                MetricDataQueries=[query("idle"), query("idle", stat="avg", name="m1")], **WINDOW
            )

    def test_of_what_is_missing(self, aws: AwsSandbox) -> None:
        answer = json_request(aws, {"MetricDataQueries": [query("idle")], "StartTime": 0})

        assert answer.status_code == 400
        assert answer.json() == {
            "__type": "ValidationException",
            "Message": "The parameter EndTime is required.",
        }

    def test_of_permission_have_the_words_of_iam(self, aws: AwsSandbox, cloudwatch: Any, client: ClientFactory) -> None:
        aws.withdraw_permission("cloudwatch:GetMetricData")

        with pytest.raises(ClientError) as caught:
            values(cloudwatch, "idle")

        error = caught.value.response
        assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)
        assert error["Error"]["Message"] == (
            "User: arn:aws:iam::111122223333:user/bailiff is not authorized to perform: cloudwatch:GetMetricData "
            "because no identity-based policy allows the cloudwatch:GetMetricData action"
        )
        assert json_request(aws, {}).json()["__type"] == "AccessDeniedException"
        aws.reset_roles()
        assert values(cloudwatch, "idle")
        assert error_code(client("cloudwatch").describe_alarms) == "AccessDenied"

    def test_of_keys_and_regions_have_the_codes_of_the_service(self, aws: AwsSandbox, client: ClientFactory) -> None:
        def code(region: str = "eu-west-1", **credentials: str) -> str:
            cloudwatch = client("cloudwatch", region, **credentials)
            return error_code(cloudwatch.get_metric_data, MetricDataQueries=[query("idle")], **WINDOW)

        assert code(aws_access_key_id="AKIASOMEONEELSE00001") == "InvalidClientTokenId"
        assert code(aws_secret_access_key="wrong") == "SignatureDoesNotMatch"
        assert code("me-south-1") == "InvalidClientTokenId"
        assert code("sa-east-1") == "AccessDenied"
        aws.expire_credentials()
        assert code() == "ExpiredToken"


def test_faults_have_the_codes_of_the_service(aws: AwsSandbox, cloudwatch: Any) -> None:
    parameters = {"MetricDataQueries": [query("idle")], **WINDOW}
    aws.throttle("eu-west-1", times=1, action="GetMetricData")
    assert error_code(cloudwatch.get_metric_data, **parameters) == "Throttling"
    aws.fail_requests("eu-west-1", times=1)
    assert error_code(cloudwatch.get_metric_data, **parameters) == "InternalFailure"
    assert values(cloudwatch, "idle")


def average(found: Collection[float]) -> float:
    return sum(found) / len(found)


def json_request(aws: AwsSandbox, body: dict[str, Any]) -> requests.Response:
    """Call GetMetricData in the JSON protocol, which boto3 does not use."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
    }
    request = AWSRequest("POST", f"{aws.url}/", headers, json.dumps(body))
    SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "monitoring", "eu-west-1").add_auth(request)
    prepared = request.prepare()
    return requests.post(prepared.url, data=prepared.body, headers=dict(prepared.headers), timeout=10)
