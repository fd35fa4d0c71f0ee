"""The tables of causes: which error code of AWS and which exception of botocore means which reason."""

from collections.abc import Mapping

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

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
"""AWS's error codes: EC2's from its API reference ("Error codes"), STS's from its "Common errors"."""

_NETWORK: tuple[type[Exception], ...] = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.InvalidProxiesConfigError,
    boto.InvalidEndpointConfigurationError,
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
    (UnreadReason.TIMED_OUT, (boto.ReadTimeoutError, boto.ConnectTimeoutError)),
    (UnreadReason.UNREACHABLE, _NETWORK),
    (UnreadReason.EXPIRED_CREDENTIALS, (boto.SSOError, boto.LoginError, boto.TokenRetrievalError)),
    (UnreadReason.NO_CREDENTIALS, _NO_CREDENTIALS),
    (UnreadReason.UNKNOWN_REGION, _NO_REGION),
    (UnreadReason.BAD_ANSWER, (ResponseParserError, boto.ChecksumError)),
    # botocore's parsers raise these bare where an answer has not the shape they expect
    (UnreadReason.BAD_ANSWER, (LookupError, ValueError, TypeError, AttributeError)),
    # and its credentials this one when they are renewed and come back as old as they were
    (UnreadReason.EXPIRED_CREDENTIALS, (RuntimeError,)),
)
"""What botocore raises where AWS did not answer with an error code; the first row that fits counts."""

AWS_EXCEPTIONS = (boto.BotoCoreError, OSError, *(kind for _, kinds in EXCEPTIONS_BY_REASON for kind in kinds))
"""All of it; what stands in no row of the table has failed for no reason we have a word for."""

PROGRAMMING_ERRORS = (boto.ParamValidationError, boto.UnknownServiceError, boto.OperationNotPageableError)
"""What botocore raises when it is called wrongly: not AWS's doing, so never an unread target."""

CREDENTIAL_REASONS = frozenset(
    {
        UnreadReason.BAD_CREDENTIALS,
        UnreadReason.EXPIRED_CREDENTIALS,
        UnreadReason.NO_CREDENTIALS,
        UnreadReason.CLOCK_SKEW,
    },
)
"""With the same credentials and the same clock, nothing else can be read either."""
