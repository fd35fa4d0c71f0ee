"""Every error of botocore has a reason. Our own programming errors have none."""

import inspect
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3

from bailiff_bot.aws.error_codes import PROGRAMMING_ERRORS
from bailiff_bot.aws.error_mapping import reason_of, translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap

OTHER_SERVICES = """AliasConflictParameterError ApiVersionNotFoundError AwsChunkedWrapperError CapacityNotAvailableError
    DataNotFoundError FlexibleChecksumError InvalidChecksumConfigError InvalidDNSNameError
    InvalidDefaultsMode InvalidEndpointDiscoveryConfigurationError InvalidExpressionError InvalidHostLabelError
    InvalidMaxRetryAttemptsError InvalidRetryConfigurationError InvalidRetryModeError InvalidS3AddressingStyleError
    InvalidS3UsEast1RegionalEndpointConfigError InvalidSTSRegionalEndpointsConfigError MD5UnavailableError
    MissingParametersError MissingServiceIdError PaginationError RangeError ServiceNotInRegionError
    StubAssertionError StubResponseError UnStubbedResponseError UndefinedModelAttributeError UnknownClientMethodError
    UnknownKeyError UnknownParameterError UnknownServiceStyle UnknownSignatureVersionError UnseekableStreamError
    UnsupportedOutpostResourceError UnsupportedS3AccesspointConfigurationError UnsupportedS3ArnError
    UnsupportedS3ConfigurationError UnsupportedS3ControlArnError UnsupportedS3ControlConfigurationError
    UnsupportedServiceProtocolsError UnsupportedSignatureVersionError ValidationError WaiterConfigError
    WaiterError""".split()
"""Raised by services that Bailiff does not use, or by wrong botocore settings. The reason is "failed"."""


def response(code: str, message: str = "", date: datetime | None = None, status: int = 400) -> dict[str, Any]:
    headers = {"date": format_datetime(date, usegmt=True)} if date else {}
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }


def mapped_error(*arguments: Any, **more: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught, translate_aws_errors():
        raise boto.ClientError(response(*arguments, **more), "DescribeInstances")
    return caught.value


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UnauthorizedOperation", UnreadReason.ACCESS_DENIED),
        ("AccessDenied", UnreadReason.ACCESS_DENIED),
        ("OptInRequired", UnreadReason.NOT_ENABLED),
        ("AuthFailure", UnreadReason.BAD_CREDENTIALS),
        ("InvalidClientTokenId", UnreadReason.BAD_CREDENTIALS),
        ("SignatureDoesNotMatch", UnreadReason.BAD_CREDENTIALS),
        ("UnrecognizedClientException", UnreadReason.BAD_CREDENTIALS),
        ("ExpiredToken", UnreadReason.EXPIRED_CREDENTIALS),
        ("RequestExpired", UnreadReason.EXPIRED_CREDENTIALS),
        ("RequestLimitExceeded", UnreadReason.THROTTLED),
        ("Throttling", UnreadReason.THROTTLED),
        ("SlowDown", UnreadReason.THROTTLED),
        ("InternalError", UnreadReason.SERVER_ERROR),
        ("NeverHeardOf", UnreadReason.FAILED),
    ],
)
def test_each_error_code_of_aws_has_its_reason(code: str, reason: UnreadReason) -> None:
    assert mapped_error(code).reason is reason


@pytest.mark.parametrize(("status", "reason"), [(500, UnreadReason.SERVER_ERROR), (429, UnreadReason.THROTTLED)])
def test_an_unknown_code_gets_the_reason_of_its_http_status(status: int, reason: UnreadReason) -> None:
    assert mapped_error("NeverHeardOf", status=status).reason is reason


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261123T080000Z is now earlier than 20261123T085500Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261123T100000Z is still later than 20261123T090500Z"),
        ("RequestExpired", "The difference between the request time and the current time is too large: clock skew"),
        ("RequestTimeTooSkewed", "Anything"),
    ],
)
def test_a_wrong_clock_is_recognised_by_the_text_of_the_error(code: str, message: str) -> None:
    assert mapped_error(code, message).reason is UnreadReason.CLOCK_SKEW


@pytest.mark.parametrize("code", ["AuthFailure", "RequestExpired", "ExpiredToken", "SignatureDoesNotMatch"])
@pytest.mark.parametrize("hours", [1, -1])
def test_a_wrong_clock_is_recognised_by_the_date_of_the_response(code: str, hours: int) -> None:
    assert mapped_error(code, date=datetime.now(UTC) + timedelta(hours=hours)).reason is UnreadReason.CLOCK_SKEW


@pytest.mark.parametrize("minutes", [4, -4])
def test_a_difference_that_aws_tolerates_is_no_wrong_clock(minutes: int) -> None:
    date = datetime.now(UTC) + timedelta(minutes=minutes)
    assert mapped_error("RequestExpired", date=date).reason is UnreadReason.EXPIRED_CREDENTIALS


def test_a_missing_permission_is_not_called_a_wrong_clock() -> None:
    assert mapped_error("AccessDenied", date=datetime(2020, 1, 1, tzinfo=UTC)).reason is UnreadReason.ACCESS_DENIED


def make_error(kind: type[Exception]) -> Exception:
    """Return an exception without the arguments that its class requires: `reason_of` checks only its class."""
    return kind.__new__(kind)


BOTOCORE = [
    kind
    for kind in vars(boto).values()
    if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
    if kind.__module__ == boto.__name__ and not issubclass(kind, boto.ClientError)
]
"""Without those that carry an answer of AWS, whose reason depends on its code."""


@pytest.mark.parametrize("kind", BOTOCORE, ids=lambda kind: kind.__name__)
def test_every_exception_of_botocore_has_a_reason_or_is_listed(kind: type[Exception]) -> None:
    has_a_reason = reason_of(make_error(kind)) is not UnreadReason.FAILED
    known = issubclass(kind, PROGRAMMING_ERRORS) or kind.__name__ in {"BotoCoreError", *OTHER_SERVICES}
    assert has_a_reason or known


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (boto.ConnectTimeoutError, UnreadReason.TIMED_OUT),
        (boto.ReadTimeoutError, UnreadReason.TIMED_OUT),
        (boto.EndpointConnectionError, UnreadReason.UNREACHABLE),
        (boto.ConnectionClosedError, UnreadReason.UNREACHABLE),
        (boto.ProxyConnectionError, UnreadReason.UNREACHABLE),
        (boto.SSLError, UnreadReason.UNREACHABLE),
        (urllib3.ReadTimeoutError, UnreadReason.TIMED_OUT),
        (urllib3.ProtocolError, UnreadReason.UNREACHABLE),
        (boto.NoCredentialsError, UnreadReason.NO_CREDENTIALS),
        (boto.PartialCredentialsError, UnreadReason.NO_CREDENTIALS),
        (boto.ProfileNotFound, UnreadReason.NO_CREDENTIALS),
        (boto.CredentialRetrievalError, UnreadReason.NO_CREDENTIALS),
        (boto.UnauthorizedSSOTokenError, UnreadReason.EXPIRED_CREDENTIALS),
        (boto.SSOTokenLoadError, UnreadReason.NO_CREDENTIALS),
        (boto.TokenRetrievalError, UnreadReason.EXPIRED_CREDENTIALS),
        (boto.InvalidRegionError, UnreadReason.UNKNOWN_REGION),
        (ResponseParserError, UnreadReason.BAD_ANSWER),
        (TypeError, UnreadReason.BAD_ANSWER),
        (FileNotFoundError, UnreadReason.FAILED),
    ],
    ids=lambda value: value.__name__ if inspect.isclass(value) else value,
)
def test_every_error_other_than_a_response_of_aws_has_its_reason(kind: type[Exception], reason: UnreadReason) -> None:
    with pytest.raises(Unreadable) as caught, translate_aws_errors():
        raise make_error(kind)
    assert caught.value.reason is reason


@pytest.mark.parametrize("error", [boto.ParamValidationError(report="x"), ZeroDivisionError(), AssertionError()])
def test_a_programming_error_is_not_translated(error: Exception) -> None:
    with pytest.raises(type(error)), translate_aws_errors():
        raise error


def test_an_unread_target_carries_reason_and_detail() -> None:
    target = Target("111122223333", "eu-west-1")
    error = mapped_error("ExpiredToken", "Too\nold.")
    assert error.gap(target) == unread_gap(target, UnreadReason.EXPIRED_CREDENTIALS, "ExpiredToken: Too old.")


def test_the_remedy_comes_from_the_whole_message_even_if_the_detail_is_cut() -> None:
    why = "is not authorized to perform: ec2:DescribeInstances with an explicit deny in a service control policy"
    gap = mapped_error("UnauthorizedOperation", f"User: {'x' * 300} {why}").gap(Target("111122223333", "eu-west-1"))
    assert "service control policy" not in gap.detail
    assert "BAILIFF_EXPECTED_UNREAD" in gap.remedy
