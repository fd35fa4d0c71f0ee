"""What the workspace remembers for who looks on: every call, and everything that went wrong."""

from dataclasses import dataclass, field

from bailiff_bot.sandbox.slack.base_types import Clock, Json


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of the Web API, of a response address or of an upload address."""

    method: str
    arguments: Json
    """Without the token."""
    status: int
    """The HTTP status, or 0 when the connection was dropped instead of an answer."""
    answer: Json
    at: float
    """When it came, by the sandbox's clock."""
    seconds: float
    """How long the answer took."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something a user of the app would have noticed, or its developer should."""

    kind: str
    """late_ack, no_ack, bad_ack, no_socket, refused."""
    what: str
    at: float


@dataclass(frozen=True, slots=True)
class CallLog:
    """Calls and failures, in the order they happened."""

    clock: Clock
    calls: list[CallRecord] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def record_call(self, record: CallRecord) -> None:
        """Keep a call, and its refusal if it was refused."""
        self.calls.append(record)
        if record.answer.get("ok") is False:
            self.record_failure("refused", f"{record.method}: {record.answer.get('error')}")

    def record_failure(self, kind: str, description: str) -> None:
        """Keep a failure."""
        self.failures.append(Failure(kind, description, self.clock()))
