"""A WSGI middleware in front of moto, for what moto cannot do.

It checks signatures, selects the account, serves STS and DescribeRegions, pages results, checks the states in which
an instance may be started or stopped, and applies injected faults.
"""

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws import errors, moto_instances, paging, sts
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.faults import RegionFault, RegionFaultKind, RegionFaults
from bailiff_bot.sandbox.aws.regions import describe_regions
from bailiff_bot.sandbox.aws.signed_request import SignedRequest, parse_request, replace_form

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

    from bailiff_bot.sandbox.aws.credentials import CredentialStore, Principal
    from bailiff_bot.sandbox.aws.moto_instances import MotoInstances

SIGN_IN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
)
ALLOWED_STATES = {
    "StopInstances": ("stopped", {"running", "stopping", "stopped"}),
    "StartInstances": ("started", {"running", "pending", "stopped"}),
}
"""The states in which an instance can be stopped or started; other states give IncorrectInstanceState."""


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A request with valid credentials."""

    account: str
    region: str
    iam_action: str
    """The action with IAM's name: `ec2:DescribeInstances`."""
    form: dict[str, str]


@dataclass(slots=True)
class AwsState:
    """The state that the middleware reads; the sandbox shares and changes it."""

    instances: "MotoInstances"
    credentials: "CredentialStore"
    faults: RegionFaults
    clock: Callable[[], datetime]
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
            response = error.response(request.service)
        response.headers["Date"] = http_date(self._state.credentials.server_time(request))
        return response(environ, start_response)

    def _respond(self, request: SignedRequest, environ: dict[str, Any]) -> Response:
        caller = self._state.credentials.authenticate(request)
        self._state.calls.append(AwsCall(caller.account, request.region, request.iam_action, request.form))
        if request.service == "sts":
            return sts.respond(request, caller, self._state.credentials)
        faults = self._state.faults.consume(caller.account, request.region, request.action)
        self._apply_connection_faults(faults)
        if RegionFaultKind.HTML in faults:
            return Response(SIGN_IN_PAGE, content_type="text/html; charset=utf-8")
        _raise_injected_error(faults, request, caller)
        return self._serve(request, caller.account, environ)

    def _apply_connection_faults(self, faults: dict[RegionFaultKind, RegionFault]) -> None:
        if slow := faults.get(RegionFaultKind.SLOW):
            self._state.stopping.wait(slow.seconds)
        if RegionFaultKind.RESET in faults:
            raise ConnectionResetError

    def _serve(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        if request.iam_action == "ec2:DescribeRegions":
            disabled = self._state.faults.disabled_regions(account)
            return errors.xml_response(describe_regions(request.form, disabled, str(uuid.uuid4())))
        if request.iam_action == "ec2:DescribeInstances":
            return self._describe_instances(request, account, environ)
        if request.action in ALLOWED_STATES and not request.dry_run:
            return self._change_state(request, account, environ)
        return self._forward(environ)

    def _describe_instances(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        replace_form(environ, paging.moto_form(request, account))
        if not request.instance_ids and self._state.instances.is_empty(account, request.region):
            return errors.xml_response(paging.empty_response(str(uuid.uuid4())))
        response = self._forward(environ)
        response.set_data(paging.encode_tokens(response.get_data(), account, request.region))
        return response

    def _change_state(self, request: SignedRequest, account: str, environ: dict[str, Any]) -> Response:
        before = self._state.instances.states(account, request.region, request.instance_ids)
        _check_states(request, before)
        response = self._forward(environ)
        for instance_id, (state, reason) in before.items():
            self._correct_dates(instance_id, state, reason)
        return response

    def _correct_dates(self, instance_id: str, state: str, reason: str) -> None:
        """Replace moto's dates with the sandbox's. An instance whose state did not change keeps its reason."""
        instance = self._state.instances.find(instance_id)
        if instance.state == state:
            moto_instances.set_reason(instance, reason)
        elif instance.state == "stopped":
            moto_instances.stop(instance, self._state.clock())
        else:
            moto_instances.start(instance, self._state.clock())

    def _forward(self, environ: dict[str, Any]) -> Response:
        return Response.from_app(self._moto, environ, buffered=True)


def _raise_injected_error(
    faults: dict[RegionFaultKind, RegionFault], request: SignedRequest, caller: "Principal"
) -> None:
    if RegionFaultKind.THROTTLED in faults:
        raise errors.throttled()
    if RegionFaultKind.DISABLED in faults:
        raise errors.not_validated(request.service)
    if RegionFaultKind.DENIED in faults:
        raise errors.not_authorized(caller.arn, request.iam_action)


def _check_states(request: SignedRequest, before: dict[str, tuple[str, str]]) -> None:
    participle, allowed = ALLOWED_STATES[request.action]
    for instance_id, (state, _) in before.items():
        if state not in allowed:
            message = f"This instance '{instance_id}' is not in a state from which it can be {participle}."
            raise AwsApiError("IncorrectInstanceState", message)
