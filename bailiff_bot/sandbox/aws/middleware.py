"""A WSGI middleware in front of moto, for what moto cannot do.

It checks signatures and permissions, selects the account, serves STS, CloudWatch, the Price List and DescribeRegions,
pages results, applies injected faults, and leaves the calls that change something to `ec2.service`.
"""

import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws import errors, paging, sts
from bailiff_bot.sandbox.aws.calls import AwsCall, aws_call
from bailiff_bot.sandbox.aws.cloudwatch.service import CloudWatch
from bailiff_bot.sandbox.aws.ec2 import volumes
from bailiff_bot.sandbox.aws.ec2.errors import dry_run
from bailiff_bot.sandbox.aws.ec2.service import Ec2Service
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.faults import RegionFault, RegionFaultKind, RegionFaults
from bailiff_bot.sandbox.aws.gate import check_permission
from bailiff_bot.sandbox.aws.iam.roles import Roles
from bailiff_bot.sandbox.aws.pricing.service import PriceList
from bailiff_bot.sandbox.aws.protocols import xml_response
from bailiff_bot.sandbox.aws.regions import describe_regions
from bailiff_bot.sandbox.aws.signed_request import SignedRequest, parse_request, replace_form

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

    from bailiff_bot.sandbox.aws.credentials import CredentialStore, Principal
    from bailiff_bot.sandbox.aws.moto_instances import MotoInstances

SIGN_IN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
)


@dataclass(slots=True)
class AwsState:
    """The state that the middleware reads; the sandbox shares and changes it."""

    instances: "MotoInstances"
    credentials: "CredentialStore"
    faults: RegionFaults
    roles: Roles
    ec2: Ec2Service
    price_list: PriceList
    cloudwatch: CloudWatch
    calls: list[AwsCall] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the sandbox stops: it ends the delay of slow responses."""


class AwsMiddleware:
    """The WSGI middleware.

    Arguments: moto's application, and the sandbox's state.
    """

    def __init__(self, moto: "WSGIApplication", state: AwsState) -> None:
        self._moto = moto
        self._state = state

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a request."""
        request = parse_request(environ)
        try:
            response = self._respond(request, environ)
        except AwsApiError as error:
            response = error.response(
                request.protocol, has_query_code=request.headers.get("x-amzn-query-mode") == "true"
            )
        response.headers["Date"] = http_date(self._state.credentials.server_time(request))
        return response(environ, start_response)

    def _respond(self, request: SignedRequest, environ: dict[str, Any]) -> Response:
        caller = self._state.credentials.authenticate(request)
        self._state.calls.append(aws_call(request, caller))
        if request.service == "sts":
            return sts.respond(request, caller, self._state.credentials, self._state.roles)
        is_regional = request.service != "pricing"
        faults = self._state.faults.consume(caller.account, request.region, request.action, is_regional=is_regional)
        self._apply_connection_faults(faults)
        if RegionFaultKind.HTML in faults:
            return Response(SIGN_IN_PAGE, content_type="text/html; charset=utf-8")
        _raise_injected_error(faults, request, caller)
        self._check_permission(request, caller)
        response = self._serve(request, caller.account, environ)
        if RegionFaultKind.LOST in faults:
            raise ConnectionResetError
        return response

    def _check_permission(self, request: SignedRequest, caller: "Principal") -> None:
        """Raise what IAM refuses, and then what DryRun answers: it checks the permission and nothing else."""
        tags_of = partial(self._state.ec2.tags_of, caller.account, request.region)
        check_permission(request, caller, self._state.roles, tags_of)
        if request.dry_run:
            raise dry_run()

    def _apply_connection_faults(self, faults: dict[RegionFaultKind, RegionFault]) -> None:
        if slow := faults.get(RegionFaultKind.SLOW):
            self._state.stopping.wait(slow.seconds)
        if RegionFaultKind.RESET in faults:
            raise ConnectionResetError

    def _serve(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        if request.service == "pricing":
            return self._state.price_list.respond(request)
        if request.service == "monitoring":
            return self._state.cloudwatch.respond(request, account)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        return self._serve_ec2(request, account, environ) if request.service == "ec2" else self._forward(environ)

    def _serve_ec2(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        if request.action == "DescribeRegions":
            disabled = self._state.faults.disabled_regions(account)
            return xml_response(describe_regions(request.form, disabled, str(uuid.uuid4())))
        if request.action == "DescribeInstances":
            return self._describe_instances(request, account, environ)
        if request.action == "DescribeVolumes" and volumes.is_paged(request):
            return self._describe_volumes(request, account, environ)
        replace_form(environ, _escaped_filters(request.form))
        return self._state.ec2.respond(request, account, lambda: self._forward(environ))

    def _describe_instances(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        replace_form(environ, paging.moto_form(request, account))
        if not request.instance_ids and self._state.instances.is_empty(account, request.region):
            return xml_response(paging.empty_response(str(uuid.uuid4())))
        response = self._state.ec2.respond(request, account, lambda: self._forward(environ))
        response.set_data(paging.encode_tokens(response.get_data(), account, request.region))
        return response

    def _describe_volumes(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        with self._state.ec2.lock:
            page = self._state.ec2.volume_page(request, account)
            if not page.ids:
                return xml_response(volumes.empty_response())
            replace_form(environ, page.form(request))
            response = self._state.ec2.respond(request, account, lambda: self._forward(environ))
        response.set_data(page.with_token(response.get_data()))
        return response

    def _forward(self, environ: dict[str, Any]) -> Response:
        return Response.from_app(self._moto, environ, buffered=True)


def _raise_injected_error(
    faults: dict[RegionFaultKind, RegionFault], request: SignedRequest, caller: "Principal"
) -> None:
    if RegionFaultKind.THROTTLED in faults:
        raise errors.throttled(request.service)
    if RegionFaultKind.UNAVAILABLE in faults:
        raise errors.unavailable(request.service)
    if RegionFaultKind.DISABLED in faults:
        raise errors.not_validated(request.service)
    if RegionFaultKind.DENIED in faults:
        reason = "with an explicit deny in a service control policy"
        raise errors.not_authorized(request.service, caller.arn, request.iam_action, reason)


def _escaped_filters(form: dict[str, str]) -> dict[str, str]:
    """Return the parameters with the brackets of filters escaped: moto takes them for a class of characters."""
    return {
        key: value.replace("[", "[[]") if key.startswith("Filter.") and ".Value." in key else value
        for key, value in form.items()
    }
