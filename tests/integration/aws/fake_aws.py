"""A small HTTP server that replies as a test says: as AWS, as a proxy, or as a broken connection."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>"
BOT_ACCOUNT = "111122223333"
LAB_ACCOUNT = "444455556666"
LAB_ROLE = f"arn:aws:iam::{LAB_ACCOUNT}:role/bailiff-read"


@dataclass(frozen=True, slots=True)
class AwsRequest:
    """A request to AWS: an action such as `DescribeInstances`, in a region, signed with an access key.

    `client_port` is different for each connection that is open.
    """

    action: str
    region: str
    access_key: str
    form: dict[str, str]
    client_port: int
    content: Any = None
    """The parameters of a service that speaks JSON."""


@dataclass(frozen=True, slots=True)
class AwsReply:
    """A reply to a request."""

    body: bytes = b""
    status: int = 200
    date: datetime | None = None
    reset: bool = False
    """Reset the connection instead of a reply."""
    hang: bool = False
    """Send nothing until the server closes."""
    drip: bool = False
    """Send blanks one by one before the body, until the server closes."""
    announced_length: int | None = None
    """The Content-Length. By default the length of the body; if it is larger, the body ends too early."""


Answer = AwsReply | Callable[[AwsRequest], AwsReply]


@dataclass(slots=True)
class FakeAws:
    """A context manager that serves at `url` and records the requests."""

    answers: dict[tuple[str, str | None], Answer] = field(default_factory=dict)
    requests: list[AwsRequest] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    server: ThreadingHTTPServer = field(init=False)

    def on(self, action: str, answer: Answer, region: str | None = None) -> None:
        """Set the answer to an action, in one region or in every region without its own answer."""
        self.answers[action, region] = answer

    def count(self, action: str, region: str | None = None) -> int:
        return sum(request.action == action and region in {None, request.region} for request in self.requests)

    def reply(self, request: AwsRequest) -> AwsReply:
        self.requests.append(request)
        answer = self.answers.get((request.action, request.region)) or self.answers[request.action, None]
        return answer if isinstance(answer, AwsReply) else answer(request)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        fake_aws: FakeAws = self

        class Handler(_Handler):
            endpoint = fake_aws

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: FakeAws

    def do_POST(self) -> None:
        reply = self.endpoint.reply(self._read_request())
        if reply.hang:
            self.endpoint.closing.wait(60)
        if reply.reset or reply.hang:
            self._reset()
        else:
            self._send(reply)

    def _read_request(self) -> AwsRequest:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        access_key, _, region = self.headers["Authorization"].partition("Credential=")[2].split("/")[:3]
        if target := self.headers["X-Amz-Target"]:
            action = target.partition(".")[2]
            return AwsRequest(action, region, access_key, {}, self.client_address[1], json.loads(body))
        fields = {key: values[0] for key, values in parse_qs(body).items()}
        return AwsRequest(fields["Action"], region, access_key, fields, self.client_address[1])

    def _send(self, reply: AwsReply) -> None:
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(reply.date or datetime.now(UTC), usegmt=True))
        self.send_header("Content-Type", "text/xml")
        self.send_header(
            "Content-Length", str(len(reply.body) if reply.announced_length is None else reply.announced_length)
        )
        self.end_headers()
        with suppress(OSError):  # the client may have closed the connection
            if reply.drip:
                self._drip()
            self.wfile.write(reply.body)
        self.close_connection = reply.announced_length is not None

    def _drip(self) -> None:
        """Send blanks before the body, as XML allows, so often that no read timeout expires."""
        while not self.endpoint.closing.wait(0.02):
            self.wfile.write(b" ")

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""


def replies_in_order(*replies: AwsReply) -> Callable[[AwsRequest], AwsReply]:
    """Return a function that gives one reply after the other."""
    remaining = iter(replies)
    return lambda _request: next(remaining)


def page(ids: Iterable[str], next_token: str = "") -> AwsReply:
    """Return a page of DescribeInstances with these instances."""
    rows = "".join(
        f"<item><reservationId>r-{instance_id}</reservationId><instancesSet><item><instanceId>{instance_id}</instanceId>"
        "<instanceType>t3.micro</instanceType><instanceState><code>16</code><name>running</name></instanceState>"
        "<launchTime>2026-11-01T08:00:00.000Z</launchTime></item></instancesSet></item>"
        for instance_id in ids
    )
    token_element = f"<nextToken>{next_token}</nextToken>" if next_token else ""
    return AwsReply(
        f'<DescribeInstancesResponse xmlns="{EC2}"><requestId>1</requestId><reservationSet>{rows}</reservationSet>'
        f"{token_element}</DescribeInstancesResponse>".encode()
    )


def regions(*enabled: str, closed: Iterable[str] = ()) -> AwsReply:
    """Return a reply to DescribeRegions."""
    status = dict.fromkeys(enabled, "opt-in-not-required") | dict.fromkeys(closed, "not-opted-in")
    rows = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>{opt_in_status}</optInStatus></item>"
        for name, opt_in_status in status.items()
    )
    return AwsReply(
        f'<DescribeRegionsResponse xmlns="{EC2}"><regionInfo>{rows}</regionInfo></DescribeRegionsResponse>'.encode()
    )


def identity(account: str = BOT_ACCOUNT, partition: str = "aws") -> AwsReply:
    """Return a reply to GetCallerIdentity."""
    return AwsReply(
        f'<GetCallerIdentityResponse xmlns="{STS}"><GetCallerIdentityResult><Account>{account}</Account>'
        f"<Arn>arn:{partition}:iam::{account}:user/bailiff</Arn><UserId>AIDA</UserId></GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>".encode()
    )


def in_an_hour() -> datetime:
    """Return when the keys of an assumed role expire by default."""
    return datetime.now(UTC) + timedelta(hours=1)


def role_keys(number: int, expires: datetime) -> AwsReply:
    """Return a reply to AssumeRole. The access key contains the number."""
    return AwsReply(
        f'<AssumeRoleResponse xmlns="{STS}"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLEKEY{number:09}'
        f"</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
        f"<Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>".encode()
    )


def ec2_error(code: str, message: str = "AWS's words.", status: int = 400, date: datetime | None = None) -> AwsReply:
    """Return an error in the XML of EC2."""
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>1</RequestID></Response>"
    )
    return AwsReply(body.encode(), status, date)


def sts_error(code: str, message: str = "AWS's words.", status: int = 403) -> AwsReply:
    """Return an error in the XML of STS."""
    body = (
        f'<ErrorResponse xmlns="{STS}"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>'
        "</Error><RequestId>1</RequestId></ErrorResponse>"
    )
    return AwsReply(body.encode(), status)
