"""The sandbox's AWS: start it, give its environment to the bot, change its instances, inject faults."""

import os
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from bailiff_bot.sandbox.aws import moto_instances
from bailiff_bot.sandbox.aws.calls import AwsCall
from bailiff_bot.sandbox.aws.cloudwatch.service import CloudWatch
from bailiff_bot.sandbox.aws.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY, CredentialStore
from bailiff_bot.sandbox.aws.ec2.service import Ec2Service
from bailiff_bot.sandbox.aws.ec2_controls import Ec2Controls, RoleControls
from bailiff_bot.sandbox.aws.evidence_controls import EvidenceControls
from bailiff_bot.sandbox.aws.fault_injection import FaultInjection
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.iam.roles import Roles
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.aws.middleware import AwsMiddleware, AwsState
from bailiff_bot.sandbox.aws.moto_instances import Ec2Instance, MotoInstances
from bailiff_bot.sandbox.aws.pricing.service import PriceList

HOST = "127.0.0.1"
_LOAD_IMAGES_VARIABLE = "MOTO_EC2_LOAD_DEFAULT_AMIS"
HOME_REGION = "eu-west-1"
_MOTO_LOCK = threading.Lock()
"""moto has one state in a process, so two sandboxes would share their instances."""


@contextmanager
def _exclusive_moto() -> Iterator[None]:
    """Allow one sandbox in this process, and stop moto from loading 1,300 machine images (0.3 s for each region)."""
    if not _MOTO_LOCK.acquire(blocking=False):
        raise RuntimeError("Another AwsSandbox runs in this process: moto's state cannot be shared by two")
    before = os.environ.get(_LOAD_IMAGES_VARIABLE)
    os.environ[_LOAD_IMAGES_VARIABLE] = "false"
    try:
        yield
    finally:
        os.environ.pop(_LOAD_IMAGES_VARIABLE)
        os.environ.update({} if before is None else {_LOAD_IMAGES_VARIABLE: before})
        _MOTO_LOCK.release()


class _AwsRequestHandler(MotoRequestHandler):
    """Logs nothing, and can reset a connection."""

    def log(self, *_: Any) -> None:
        """Log nothing: `AwsSandbox.calls` has the requests."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status line only: the middleware adds the `Date` header, by AWS's clock."""
        self.send_response_only(code, message)

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Send a TCP reset, not an orderly end, if the middleware raised `ConnectionResetError`."""
        self.close_connection = True
        if isinstance(error, ConnectionResetError) and environ is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())


class _MotoServer(ThreadedMotoServer):
    """moto's server with the middleware in front; `stop` also closes the socket that moto leaves open."""

    def __init__(self, state: AwsState) -> None:
        super().__init__(HOST, 0, verbose=False)
        self._state = state

    def _server_entry(self) -> None:
        middleware = AwsMiddleware(DomainDispatcherApplication(create_backend_app), self._state)
        self._server = make_server(HOST, 0, middleware, threaded=True, request_handler=_AwsRequestHandler)
        self._server_ready_event.set()
        with self._server:
            self._server.serve_forever(poll_interval=0.02)


class AwsSandbox(FaultInjection, RoleControls, Ec2Controls, EvidenceControls):
    """A context manager that runs EC2, STS, CloudWatch and the Price List of two accounts on 127.0.0.1.

    It enforces the policies of the bot's user and of the roles, and refuses what EC2 refuses.

    Arguments: the instances, by default the seeded fleet; the time that their ages are relative to, by default the time
    of the start. Raises RuntimeError if another one runs in this process.
    """

    def __init__(self, fleet: Iterable[InstanceFixture] = FLEET, now: datetime | None = None) -> None:
        self._fleet = tuple(fleet)
        self._fixed_now = now
        self._time_offset = timedelta()
        super().__init__(CredentialStore(lambda: datetime.now(UTC)))
        self._instances = MotoInstances()
        self._roles = Roles()
        self._ec2 = Ec2Service(self._instances, self.now)
        self._price_list = PriceList()
        self._cloudwatch = CloudWatch(self._metered_instance, self.now)
        self._state = AwsState(
            self._instances,
            self._credentials,
            self._faults,
            self._roles,
            self._ec2,
            self._price_list,
            self._cloudwatch,
        )
        self._server = _MotoServer(self._state)
        self._exit_stack = ExitStack()
        self.url = ""
        """The base URL; empty before the context is entered."""

    def __enter__(self) -> Self:
        """Create the fleet and start the server."""
        with ExitStack() as stack:
            stack.enter_context(_exclusive_moto())
            stack.enter_context(self._seeded_fleet())
            self._server.start()
            stack.callback(self._server.stop)
            stack.callback(self._state.stopping.set)
            self._exit_stack = stack.pop_all()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove the fleet."""
        self._exit_stack.close()

    def environment(self) -> dict[str, str]:
        """Return the environment variables that connect a bot process to it and to no other AWS.

        Remove `AWS_PROFILE` from that process's environment: botocore fails on a profile that it cannot find.
        """
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_SESSION_TOKEN": "",
            "AWS_DEFAULT_REGION": HOME_REGION,
            "AWS_REGION": HOME_REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": HOST,
            "no_proxy": HOST,
        }

    @property
    def calls(self) -> tuple[AwsCall, ...]:
        """Every request with valid credentials, oldest first."""
        return tuple(self._state.calls)

    # The fleet. `handle` is the id of an instance, its key in the fleet, or its name.

    def now(self) -> datetime:
        """Return the sandbox's time: the set time or the machine's clock, plus the time added by `advance_time`."""
        return (self._fixed_now or datetime.now(UTC)) + self._time_offset

    def set_time(self, now: datetime) -> None:
        """Set the sandbox's time, which dates later starts and stops."""
        self._fixed_now, self._time_offset = now, timedelta()

    def advance_time(self, duration: timedelta) -> None:
        """Move the sandbox's time forward. Signatures and sessions still use the machine's clock."""
        self._time_offset += duration

    def instances(self) -> tuple[Ec2Instance, ...]:
        """Return the present state of every instance."""
        with self._ec2.lock:
            self._ec2.end_due_changes()
            return self._instances.list_instances()

    def add(self, fixture: InstanceFixture) -> str:
        """Create an instance and return its id."""
        with self._ec2.lock:
            return self._instances.add(fixture, self.now())

    def start(self, handle: str) -> None:
        """Start an instance now."""
        with self._changed(handle) as instance:
            moto_instances.start(instance, self.now())

    def stop(self, handle: str) -> None:
        """Stop an instance now."""
        with self._changed(handle) as instance:
            moto_instances.stop(instance, self.now())

    def rename(self, handle: str, name: str | None) -> None:
        """Set the Name tag of an instance; None removes it."""
        with self._ec2.lock:
            moto_instances.rename(self._instances.find(handle), name)

    def set_tag(self, handle: str, key: str, value: str) -> None:
        """Set a tag of an instance."""
        with self._ec2.lock:
            self._instances.find(handle).add_tags({key: value})

    def tag(self, handle: str, key: str, value: str) -> None:
        """Set a tag of an instance, also one that only AWS sets: `aws:autoscaling:groupName`."""
        with self._ec2.lock:
            self._instances.find(handle).add_tags({key: value})

    def delete(self, handle: str) -> None:
        """Remove an instance, as EC2 does an hour after its termination."""
        with self._changed(handle):
            self._instances.delete(handle)

    @contextmanager
    def _changed(self, handle: str) -> Iterator[Any]:
        """Yield moto's object of an instance, alone, and end the change that it was in."""
        with self._ec2.lock:
            instance = self._instances.find(handle)
            self._ec2.transitions.discard(instance.id)
            yield instance

    @contextmanager
    def _seeded_fleet(self) -> Iterator[None]:
        self._instances.clear()
        for fixture in self._fleet:
            self.add(fixture)
        self._apply_initial_faults()
        try:
            yield
        finally:
            self._instances.clear()
