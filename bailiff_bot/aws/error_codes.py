"""Tables that map AWS error codes and botocore exceptions to the reason why a target is unread."""

from collections.abc import Mapping

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3

from bailiff_bot.domain.inventory import UnreadReason

_CODES = {
    UnreadReason.ACCESS_DENIED: "UnauthorizedOperation AccessDenied AccessDeniedException Blocked PendingVerification",
    UnreadReason.NOT_ENABLED: "OptInRequired RegionDisabledException",
    UnreadReason.BAD_CREDENTIALS: """AuthFailure InvalidClientTokenId SignatureDoesNotMatch UnrecognizedClientException
        IncompleteSignature MissingAuthenticationToken InvalidIdentityToken IDPRejectedClaim InvalidAccessKeyId""",
    UnreadReason.EXPIRED_CREDENTIALS: "ExpiredToken ExpiredTokenException RequestExpired",
    UnreadReason.CLOCK_SKEW: "RequestTimeTooSkewed RequestInTheFuture",
    UnreadReason.THROTTLED: """RequestLimitExceeded Throttling ThrottlingException ThrottledException RequestThrottled
        RequestThrottledException EC2ThrottledException TooManyRequestsException SlowDown BandwidthLimitExceeded
        LimitExceededException PriorRequestNotComplete""",
    UnreadReason.TIMED_OUT: "RequestTimeout RequestTimeoutException",
    UnreadReason.SERVER_ERROR: """InternalError InternalFailure InternalServerError InternalServiceError Unavailable
        ServiceUnavailable ServiceUnavailableException""",
}
REASON_BY_CODE: Mapping[str, UnreadReason] = {
    code: reason for reason, codes in _CODES.items() for code in codes.split()
}
"""AWS error codes, from the EC2 API reference ("Error codes") and the STS API reference ("Common errors")."""

_NETWORK: tuple[type[Exception], ...] = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.InvalidProxiesConfigError,
    boto.InvalidEndpointConfigurationError,
    urllib3.HTTPError,  # botocore lets it through when the body of an error breaks off
)
_NO_CREDENTIALS: tuple[type[Exception], ...] = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.InvalidConfigError,
    boto.UnknownCredentialError,
    boto.MetadataRetrievalError,
    boto.InvalidIMDSEndpointError,
    boto.InvalidIMDSEndpointModeError,
    boto.RefreshWithMFAUnsupportedError,
    boto.NoAuthTokenError,
    boto.UnknownTokenProviderError,
    boto.MissingDependencyException,
)
_NO_REGION: tuple[type[Exception], ...] = (
    boto.InvalidRegionError,
    boto.UnknownRegionError,
    boto.BaseEndpointResolverError,
    boto.EndpointProviderError,
)

EXCEPTIONS_BY_REASON: tuple[tuple[UnreadReason, tuple[type[Exception], ...]], ...] = (
    (UnreadReason.TIMED_OUT, (boto.ReadTimeoutError, boto.ConnectTimeoutError, urllib3.ReadTimeoutError)),
    (UnreadReason.UNREACHABLE, _NETWORK),
    (UnreadReason.NO_CREDENTIALS, (boto.SSOTokenLoadError, boto.LoginTokenLoadError)),
    (UnreadReason.EXPIRED_CREDENTIALS, (boto.SSOError, boto.LoginError, boto.TokenRetrievalError)),
    (UnreadReason.NO_CREDENTIALS, _NO_CREDENTIALS),
    (UnreadReason.UNKNOWN_REGION, _NO_REGION),
    (UnreadReason.BAD_ANSWER, (ResponseParserError, boto.ChecksumError)),
    # botocore's parsers raise these builtin exceptions for an answer of an unexpected structure
    (UnreadReason.BAD_ANSWER, (LookupError, ValueError, TypeError, AttributeError)),
    # botocore raises this one if renewed credentials have already expired
    (UnreadReason.EXPIRED_CREDENTIALS, (RuntimeError,)),
)
"""Exceptions of botocore that carry no AWS error code. The first matching row counts."""

AWS_EXCEPTIONS = (boto.BotoCoreError, OSError, *(kind for _, kinds in EXCEPTIONS_BY_REASON for kind in kinds))
"""All exceptions that mean an unread target. One that is in no row above has the reason `FAILED`."""

PROGRAMMING_ERRORS = (boto.ParamValidationError, boto.UnknownServiceError, boto.OperationNotPageableError)
"""Exceptions that botocore raises for a wrong call. They are bugs of Bailiff, so they never mean an unread target."""

CREDENTIAL_REASONS = frozenset(
    {
        UnreadReason.BAD_CREDENTIALS,
        UnreadReason.EXPIRED_CREDENTIALS,
        UnreadReason.NO_CREDENTIALS,
        UnreadReason.CLOCK_SKEW,
    },
)
"""For these reasons, every other call with the same credentials fails too."""
