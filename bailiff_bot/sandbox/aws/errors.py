"""The errors that every service has, each with the code, the message and the status of its service.

From https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the "Common errors" of STS,
CloudWatch and the Price List; texts of refusals as people report them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws.protocols import Protocol, error_response, keep_query_code

NOT_VALIDATED = "AWS was not able to validate the provided access credentials"
_INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message
_EC2, _PRICING = "ec2", "pricing"

Codes = Mapping[str, tuple[str, int]]
"""Code and status by service; of a service that is not in it those of `""`."""

_NOT_VALIDATED: Codes = MappingProxyType(
    {_EC2: ("AuthFailure", 401), _PRICING: ("UnrecognizedClientException", 400), "": ("InvalidClientTokenId", 403)}
)
_WRONG_SIGNATURE: Codes = MappingProxyType(
    {_PRICING: ("InvalidSignatureException", 400), "": ("SignatureDoesNotMatch", 403)}
)
_EXPIRED: Codes = MappingProxyType(
    {_EC2: ("RequestExpired", 400), _PRICING: ("ExpiredTokenException", 400), "": ("ExpiredToken", 403)}
)
_NOT_AUTHORIZED: Codes = MappingProxyType(
    {_EC2: ("UnauthorizedOperation", 403), _PRICING: ("AccessDeniedException", 400), "": ("AccessDenied", 403)}
)
_THROTTLED: Codes = MappingProxyType(
    {_EC2: ("RequestLimitExceeded", 503), _PRICING: ("ThrottlingException", 400), "": ("Throttling", 400)}
)
_UNAVAILABLE: Codes = MappingProxyType(
    {_EC2: ("InternalError", 500), _PRICING: ("InternalErrorException", 500), "": ("InternalFailure", 500)}
)


class AwsApiError(Exception):
    """An error response to a request.

    Arguments: AWS's error code, its message, the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self, protocol: Protocol, *, has_query_code: bool = False) -> Response:
        """Return it in the protocol of the request. Arguments: whether the request asks for the code of "query"."""
        response = error_response(protocol, self.code, str(self), self.status)
        if has_query_code:
            keep_query_code(response, self.code)
        return response


def not_validated(service: str) -> AwsApiError:
    """Return the error for an unknown key, or for a region that is not enabled."""
    return _error(_NOT_VALIDATED, service, NOT_VALIDATED if service == _EC2 else _INVALID_TOKEN)


def wrong_signature(service: str) -> AwsApiError:
    """Return the error for a signature with the wrong secret."""
    if service == _EC2:
        return not_validated(service)
    return _error(
        _WRONG_SIGNATURE,
        service,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    )


def wrong_scope(service: str) -> AwsApiError:
    """Return the error for a signature for a region in which the service has no endpoint."""
    return _error(_WRONG_SIGNATURE, service, "Credential should be scoped to a valid region. ")


def expired(service: str) -> AwsApiError:
    """Return the error for expired temporary credentials."""
    message = "Request has expired." if service == _EC2 else "The security token included in the request is expired"
    return _error(_EXPIRED, service, message)


def not_authorized(service: str, arn: str, action: str, reason: str, *, resource: str = "*") -> AwsApiError:
    """Return the error for an action that is not allowed.

    Arguments: the service; the caller; the action with IAM's name; why it is refused, in the words of AWS; the ARN of
    what is acted on, if the action knows resources.
    """
    what = f"{action} on resource: {resource}" if resource != "*" else action
    message = f"User: {arn} is not authorized to perform: {what} {reason}"
    if service == _EC2:
        message = f"You are not authorized to perform this operation. {message}"
    return _error(_NOT_AUTHORIZED, service, message)


def throttled(service: str) -> AwsApiError:
    """Return the error for too many requests in one region."""
    return _error(_THROTTLED, service, "Request limit exceeded." if service == _EC2 else "Rate exceeded")


def unavailable(service: str) -> AwsApiError:
    """Return the error of a service that fails."""
    return _error(_UNAVAILABLE, service, "An internal error has occurred")


def skewed(service: str, sent_at: str, server_time: str, *, ahead: bool) -> AwsApiError:
    """Return the error for a caller whose clock is wrong.

    EC2 documents RequestExpired. A time in the future was also seen to cause AuthFailure (assumed).
    Arguments: the request's time and AWS's time, both as in `X-Amz-Date`; whether the caller's clock is ahead.
    """
    if service == _EC2:
        return not_validated(service) if ahead else expired(service)
    word = "not yet current" if ahead else "expired"
    side = "still later" if ahead else "now earlier"
    return _error(_WRONG_SIGNATURE, service, f"Signature {word}: {sent_at} is {side} than {server_time}")


def _error(codes: Codes, service: str, message: str) -> AwsApiError:
    code, status = codes.get(service, codes[""])
    return AwsApiError(code, message, status)
