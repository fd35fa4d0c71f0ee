"""A Bolt app for tests: it keeps what it is sent, and answers as it is told."""

import threading
from typing import Any

from slack_bolt import Ack, App, Respond

from bailiff_bot.sandbox.slack import RenderedMessage

Payload = dict[str, Any]


def plain(text: str) -> Payload:
    return {"type": "plain_text", "text": text}


def with_button(text: str = "Go", **fields: Any) -> list[Payload]:
    button = {"type": "button", "text": plain(text), "action_id": "go", "value": "7", **fields}
    return [{"type": "actions", "block_id": "row", "elements": [button]}]


class RecordingApp:
    """A Bolt app that keeps what it was sent, and answers as the test says."""

    def __init__(self, app: App) -> None:
        self.payloads: list[Payload] = []
        self.handled = threading.Semaphore(0)
        self.app = app

    def on(self, kind: str, name: str, answer: Any) -> None:
        """Answer with `answer(ack, respond, body)`."""

        def listener(ack: Ack, respond: Respond, body: Payload) -> None:
            self.payloads.append(body)
            answer(ack, respond, body)
            self.handled.release()

        getattr(self.app, kind)(name)(listener)

    def wait(self) -> Payload:
        """Wait until a listener has run to its end; what it was sent."""
        assert self.handled.acquire(timeout=5)
        return self.payloads[-1]


def ack_only(ack: Ack, _respond: Respond, _body: Payload) -> None:
    ack()


def only(messages: list[RenderedMessage]) -> RenderedMessage:
    (message,) = messages
    return message
