"""The gate: a WSGI middleware before moto that does what moto cannot.

Signatures, accounts, STS, enabled regions, pages, the states in which an instance may be stopped; failures on demand.
"""

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws import errors, paging, sts
from bailiff_bot.sandbox.aws import moto_instances as inside
from bailiff_bot.sandbox.aws.errors import Refusal
from bailiff_bot.sandbox.aws.faults import Fault, Faults, Kind
from bailiff_bot.sandbox.aws.regions import describe_regions
from bailiff_bot.sandbox.aws.signed_request import Call, read_call, replace_form

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

    from bailiff_bot.sandbox.aws.credentials import Keyring, Principal
    from bailiff_bot.sandbox.aws.moto_instances import Cloud

HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
MAY_CHANGE = {
    "StopInstances": ("stopped", {"running", "stopping", "stopped"}),
    "StartInstances": ("started", {"running", "pending", "stopped"}),
}
"""The states from which an instance can be stopped and started; from others IncorrectInstanceState."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in."""

    account: str
    region: str
    name: str
    """As IAM names it: `ec2:DescribeInstances`."""
    form: dict[str, str]


@dataclass(slots=True)
class World:
    """What the gate decides from; the sandbox holds the same and changes it."""

    cloud: "Cloud"
    keyring: "Keyring"
    faults: Faults
    clock: Callable[[], datetime]
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the sandbox ends: slow answers come at once."""


class Gate:
    """The middleware.

    Arguments: moto's application, and the world it stands before.
    """

    def __init__(self, moto: "WSGIApplication", world: World) -> None:
        self._moto = moto
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        call = read_call(environ)
        try:
            response = self._answer(call, environ)
        except Refusal as refusal:
            response = refusal.response(call.service)
        response.headers["Date"] = http_date(self._world.keyring.server_time(call))
        return response(environ, start_response)

    def _answer(self, call: Call, environ: dict[str, Any]) -> Response:
        caller = self._world.keyring.authenticate(call)
        self._world.asked.append(Asked(caller.account, call.region, call.name, call.form))
        if call.service == "sts":
            return sts.answer(call, caller, self._world.keyring)
        faults = self._world.faults.take(caller.account, call.region, call.action)
        self._disturb(faults)
        if Kind.HTML in faults:
            return Response(HTML, content_type="text/html; charset=utf-8")
        _refuse(faults, call, caller)
        return self._serve(call, caller.account, environ)

    def _disturb(self, faults: dict[Kind, Fault]) -> None:
        if slow := faults.get(Kind.SLOW):
            self._world.closing.wait(slow.seconds)
        if Kind.RESET in faults:
            raise ConnectionResetError

    def _serve(self, call: Call, account: str, environ: dict[str, Any]) -> Response:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        if call.name == "ec2:DescribeRegions":
            disabled = self._world.faults.disabled(account)
            return errors.xml_response(describe_regions(call.form, disabled, str(uuid.uuid4())))
        if call.name == "ec2:DescribeInstances":
            return self._page(call, account, environ)
        if call.action in MAY_CHANGE and not call.dry_run:
            return self._change(call, account, environ)
        return self._forward(environ)

    def _page(self, call: Call, account: str, environ: dict[str, Any]) -> Response:
        replace_form(environ, paging.moto_form(call, account))
        if not call.instance_ids and self._world.cloud.is_empty(account, call.region):
            return errors.xml_response(paging.no_instances(str(uuid.uuid4())))
        response = self._forward(environ)
        response.set_data(paging.seal_tokens(response.get_data(), account, call.region))
        return response

    def _change(self, call: Call, account: str, environ: dict[str, Any]) -> Response:
        before = self._world.cloud.states(account, call.region, call.instance_ids)
        _check_states(call, before)
        response = self._forward(environ)
        for instance_id, (state, reason) in before.items():
            self._date(instance_id, state, reason)
        return response

    def _date(self, instance_id: str, state: str, reason: str) -> None:
        """Write AWS's dates where moto wrote its own or none; what was already so stays as it was."""
        instance = self._world.cloud.find(instance_id)
        if instance.state == state:
            inside.set_reason(instance, reason)
        elif instance.state == "stopped":
            inside.stop(instance, self._world.clock())
        else:
            inside.start(instance, self._world.clock())

    def _forward(self, environ: dict[str, Any]) -> Response:
        return Response.from_app(self._moto, environ, buffered=True)


def _refuse(faults: dict[Kind, Fault], call: Call, caller: "Principal") -> None:
    if Kind.THROTTLED in faults:
        raise errors.throttled()
    if Kind.DISABLED in faults:
        raise errors.not_validated(call.service)
    if Kind.DENIED in faults:
        raise errors.not_authorized(caller.arn, call.name)


def _check_states(call: Call, before: dict[str, tuple[str, str]]) -> None:
    done, fine = MAY_CHANGE[call.action]
    for instance_id, (state, _) in before.items():
        if state not in fine:
            message = f"This instance '{instance_id}' is not in a state from which it can be {done}."
            raise Refusal("IncorrectInstanceState", message)
