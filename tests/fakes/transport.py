"""A transport to a Slack in memory, which fails where a test says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Literal

from bailiff_bot.domain.delivery import Delivery, MessageKind
from bailiff_bot.outbox.transport import MessageRef, Send

TransportCall = Literal["prepare", "send", "find", "edit", "delete"]


@dataclass(slots=True)
class Fault:
    """An error in a step, for the deliveries whose key contains `key_part`."""

    step: TransportCall
    error: BaseException
    key_part: str = ""
    times: int = 1
    accepted: bool = False
    """Whether Slack accepted the message, so that only its answer is lost."""


@dataclass(slots=True)
class FakeTransport:
    """A `Transport` to a Slack that keeps every message. `fail_next` makes a step fail."""

    calls: list[tuple[TransportCall, str]] = field(default_factory=list)
    """The calls in order: the step, and the delivery's key or, for an edit, the message's timestamp."""
    in_slack: dict[str, list[MessageRef]] = field(default_factory=dict)
    """The messages that Slack has, by the delivery's key. More than one under a key is a duplicate."""
    payloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The present content of each message, by its timestamp."""
    hidden: set[str] = field(default_factory=set)
    """The timestamps of the messages that Slack has and does not show yet."""
    hides_new: bool = False
    """Whether new messages are hidden, until `show_hidden`."""
    before_post: Callable[[Delivery], None] = lambda _delivery: None
    """Called while a message is sent, before Slack has it."""
    before_edit: Callable[[], None] = lambda: None
    """Called while an edit is sent, before Slack has it."""
    _faults: list[Fault] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)
    _count: int = 0

    def fail_next(
        self, step: TransportCall, error: BaseException, key_part: str = "", *, times: int = 1, accepted: bool = False
    ) -> None:
        """Make a step raise, `times` times. The first fault that matches applies."""
        self._faults.append(Fault(step, error, key_part, times, accepted))

    def show_hidden(self) -> None:
        """Show the hidden messages, and hide no new ones."""
        self.hidden.clear()
        self.hides_new = False

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        assert delivery.payload is not None
        assert (parent is None) is (delivery.kind is MessageKind.PARENT)
        self._record_or_raise("prepare", delivery.key)
        if delivery.kind is MessageKind.EDIT:
            return lambda: self.edit(delivery.payload["channel"], delivery.payload["ts"], delivery.payload)
        return lambda: self._post(delivery)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        assert (parent is None) is (delivery.kind is MessageKind.PARENT)
        self._record_or_raise("find", delivery.key)
        with self._lock:
            return tuple(sent for sent in self.in_slack.get(delivery.key, ()) if sent.ts not in self.hidden)

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> MessageRef:
        self.before_edit()
        fault = self._record("edit", ts)
        if fault is None or fault.accepted:
            self.payloads[ts] = payload
        if fault:
            raise fault.error
        return MessageRef(channel, ts)

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        self._record_or_raise("delete", delivery.key)
        with self._lock:
            self.in_slack[delivery.key] = [one for one in self.in_slack[delivery.key] if one != message]

    def sent_keys(self, key_part: str = "") -> list[str]:
        """Return, in order, the keys of the messages sent to Slack that contain `key_part`."""
        return [key for step, key in self.calls if step == "send" and key_part in key]

    def _post(self, delivery: Delivery) -> MessageRef:
        self.before_post(delivery)
        fault = self._record("send", delivery.key)
        with self._lock:
            self._count += 1
            channel = delivery.recipient.replace("U", "D", 1)
            sent = MessageRef(channel, f"{self._count}.000")
            if fault is None or fault.accepted:
                self.in_slack.setdefault(delivery.key, []).append(sent)
                self.payloads[sent.ts] = delivery.payload
                self.hidden |= {sent.ts} if self.hides_new else set()
        if fault:
            raise fault.error
        return sent

    def _record_or_raise(self, step: TransportCall, target: str) -> None:
        if fault := self._record(step, target):
            raise fault.error

    def _record(self, step: TransportCall, target: str) -> Fault | None:
        """Record a step, and return the fault that applies to it."""
        with self._lock:
            self.calls.append((step, target))
            fault = next(
                (one for one in self._faults if one.step == step and one.key_part in target and one.times), None
            )
            if fault:
                fault.times -= 1
            return fault
