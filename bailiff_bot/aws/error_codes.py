"""The tables of causes: which error code of AWS and which exception of botocore means which reason."""

from collections.abc import Mapping

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from bailiff_bot.domain.inventory import Reason

_CODES = {
    Reason.ACCESS_DENIED: "UnauthorizedOperation AccessDenied AccessDeniedException Blocked PendingVerification",
    Reason.NOT_ENABLED: "OptInRequired RegionDisabledException",
    Reason.BAD_CREDENTIALS: """AuthFailure InvalidClientTokenId SignatureDoesNotMatch UnrecognizedClientException
        IncompleteSignature MissingAuthenticationToken InvalidIdentityToken IDPRejectedClaim InvalidAccessKeyId""",
    Reason.EXPIRED_CREDENTIALS: "ExpiredToken ExpiredTokenException RequestExpired",
    Reason.CLOCK_SKEW: "RequestTimeTooSkewed RequestInTheFuture",
    Reason.THROTTLED: """RequestLimitExceeded Throttling ThrottlingException ThrottledException RequestThrottled
        RequestThrottledException EC2ThrottledException TooManyRequestsException SlowDown BandwidthLimitExceeded
        LimitExceededException PriorRequestNotComplete""",
    Reason.TIMED_OUT: "RequestTimeout RequestTimeoutException",
    Reason.SERVER_ERROR: """InternalError InternalFailure InternalServerError InternalServiceError Unavailable
        ServiceUnavailable ServiceUnavailableException""",
}
BY_CODE: Mapping[str, Reason] = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
"""AWS's error codes: EC2's from its API reference ("Error codes"), STS's from its "Common errors"."""

_NETWORK: tuple[type[Exception], ...] = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.InvalidProxiesConfigError,
    boto.InvalidEndpointConfigurationError,
)
_NO_KEYS: tuple[type[Exception], ...] = (
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

BY_EXCEPTION: tuple[tuple[Reason, tuple[type[Exception], ...]], ...] = (
    (Reason.TIMED_OUT, (boto.ReadTimeoutError, boto.ConnectTimeoutError)),
    (Reason.UNREACHABLE, _NETWORK),
    (Reason.EXPIRED_CREDENTIALS, (boto.SSOError, boto.LoginError, boto.TokenRetrievalError)),
    (Reason.NO_CREDENTIALS, _NO_KEYS),
    (Reason.UNKNOWN_REGION, _NO_REGION),
    (Reason.BAD_ANSWER, (ResponseParserError, boto.ChecksumError)),
    # botocore's parsers raise these bare where an answer has not the shape they expect
    (Reason.BAD_ANSWER, (LookupError, ValueError, TypeError, AttributeError)),
    # and its credentials this one when they are renewed and come back as old as they were
    (Reason.EXPIRED_CREDENTIALS, (RuntimeError,)),
)
"""What botocore raises where AWS did not answer with an error code; the first row that fits counts."""

RAISED = (boto.BotoCoreError, OSError, *(kind for _, kinds in BY_EXCEPTION for kind in kinds))
"""All of it; what stands in no row of the table has failed for no reason we have a word for."""

OUR_FAULT = (boto.ParamValidationError, boto.UnknownServiceError, boto.OperationNotPageableError)
"""What botocore raises when it is called wrongly: not AWS's doing, so never an unread target."""

UNUSABLE = frozenset(
    {Reason.BAD_CREDENTIALS, Reason.EXPIRED_CREDENTIALS, Reason.NO_CREDENTIALS, Reason.CLOCK_SKEW},
)
"""With the same credentials and the same clock, nothing else can be read either."""
