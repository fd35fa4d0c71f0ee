"""A Bolt app for tests: it records payloads, and answers as a test says."""

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
    """A Bolt app that records payloads, and answers as a test says."""

    def __init__(self, app: App) -> None:
        self.payloads: list[Payload] = []
        self.handled = threading.Semaphore(0)
        self.app = app

    def on(self, kind: str, name: str, answer: Any) -> None:
        """Handle this kind of payload, such as `"action"`, with `answer(ack, respond, body)`."""

        def listener(ack: Ack, respond: Respond, body: Payload) -> None:
            self.payloads.append(body)
            answer(ack, respond, body)
            self.handled.release()

        getattr(self.app, kind)(name)(listener)

    def wait(self) -> Payload:
        """Wait until a listener has finished. Returns the latest payload."""
        assert self.handled.acquire(timeout=5)
        return self.payloads[-1]


def ack_only(ack: Ack, _respond: Respond, _body: Payload) -> None:
    ack()


def only(messages: list[RenderedMessage]) -> RenderedMessage:
    (message,) = messages
    return message
