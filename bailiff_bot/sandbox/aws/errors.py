"""The errors of EC2 and STS, with AWS's codes, messages and XML, so that botocore parses them like AWS's own.

From https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and STS's "Common errors".
"""

import uuid
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

NOT_VALIDATED = "AWS was not able to validate the provided access credentials"


class AwsApiError(Exception):
    """An error response to a request.

    Arguments: AWS's error code, its message, the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self, service: str) -> Response:
        """Return it as the XML response of the service that was called."""
        error = f"<Code>{escape(self.code)}</Code><Message>{escape(str(self))}</Message>"
        if service == "ec2":
            body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{uuid.uuid4()}</RequestID></Response>"
        else:
            body = (
                '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                f"<Error><Type>Sender</Type>{error}</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
            )
        return xml_response('<?xml version="1.0" encoding="UTF-8"?>' + body, self.status)


def xml_response(body: str, status: int = 200) -> Response:
    """Return an XML response."""
    return Response(body, status=status, content_type="text/xml;charset=UTF-8")


def not_validated(service: str) -> AwsApiError:
    """Return the error for an unknown key; EC2 and STS use different codes."""
    if service == "ec2":
        return AwsApiError("AuthFailure", NOT_VALIDATED, 401)
    return AwsApiError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def wrong_signature(service: str) -> AwsApiError:
    """Return the error for a signature with the wrong secret."""
    if service == "ec2":
        return not_validated(service)
    return AwsApiError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
        403,
    )


def expired(service: str) -> AwsApiError:
    """Return the error for expired temporary credentials."""
    if service == "ec2":
        return AwsApiError("RequestExpired", "Request has expired.")
    return AwsApiError("ExpiredToken", "The security token included in the request is expired", 403)


def not_authorized(arn: str, action: str) -> AwsApiError:
    """Return the error for an action that the caller's policies do not allow."""
    message = (
        f"You are not authorized to perform this operation. User: {arn} is not authorized to perform: {action} "
        "with an explicit deny in a service control policy"
    )
    return AwsApiError("UnauthorizedOperation", message, 403)


def throttled() -> AwsApiError:
    """Return the error for too many requests in one region."""
    return AwsApiError("RequestLimitExceeded", "Request limit exceeded.", 503)


def skewed(service: str, sent_at: str, server_time: str, *, ahead: bool) -> AwsApiError:
    """Return the error for a caller whose clock is wrong.

    EC2 documents RequestExpired. A time in the future was also seen to cause AuthFailure (assumed).
    Arguments: the request's time and AWS's time, both as in `X-Amz-Date`; whether the caller's clock is ahead.
    """
    if service == "ec2":
        return not_validated(service) if ahead else expired(service)
    word = "not yet current" if ahead else "expired"
    side = "still later" if ahead else "now earlier"
    return AwsApiError("SignatureDoesNotMatch", f"Signature {word}: {sent_at} is {side} than {server_time}", 403)
