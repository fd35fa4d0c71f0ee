"""The log of every API call and every failure, for tests and the page."""

from dataclasses import dataclass, field

from bailiff_bot.sandbox.slack.base_types import Clock, Json


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of the Web API, of a response URL or of an upload URL."""

    method: str
    arguments: Json
    """The arguments, without the token."""
    status: int
    """The HTTP status; 0: the connection was dropped without a response."""
    answer: Json
    """The body of the response."""
    at: float
    """When it was received, by the sandbox's clock."""
    seconds: float
    """How long the response took."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that a user of the app notices, or that its developer should know."""

    kind: str
    """late_ack, no_ack, bad_ack, no_socket, refused."""
    what: str
    """A description."""
    at: float


@dataclass(frozen=True, slots=True)
class CallLog:
    """Calls and failures, in order of time."""

    clock: Clock
    calls: list[CallRecord] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def record_call(self, record: CallRecord) -> None:
        """Record a call, and a failure if its response is an error."""
        self.calls.append(record)
        if record.answer.get("ok") is False:
            self.record_failure("refused", f"{record.method}: {record.answer.get('error')}")

    def record_failure(self, kind: str, description: str) -> None:
        """Record a failure."""
        self.failures.append(Failure(kind, description, self.clock()))
