"""Carries one delivery into Slack, and finds it there again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import requests
from slack_sdk import WebClient

from bailiff_bot.domain.delivery import Delivery, Part
from bailiff_bot.errors import Ambiguous, Refused
from bailiff_bot.outbox.transport import Send, Sent
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.client.channels import direct_channel, is_id
from bailiff_bot.slack.client.replies import fallback
from bailiff_bot.slack.client.web import TIMEOUT, call, goes_direct

_EVENT = "bailiff_post"
_IN_THREAD = frozenset({Part.REPLY, Part.ROLL, Part.FILE})
_GONE = frozenset({"file_deleted", "file_not_found", "message_not_found"})
_PAGE = 200
_SKEW = timedelta(hours=1)
"""How far Slack's clock and ours may be apart: messages older than that by ours are not looked at."""


@dataclass(frozen=True, slots=True)
class SlackCarrier:
    """Speaks as the bot. The client must repeat nothing by itself: what is sent is counted elsewhere."""

    client: WebClient

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Upload the file, which can be done twice without harm; return what sends the rest."""
        payload = delivery.payload
        if delivery.part is Part.EDIT:
            return partial(self.edit, payload["channel"], payload["ts"], payload)
        # A user's id stands for the conversation with that user: opening it first would be one more call an owner.
        channel, thread = self._thread(delivery, parent) or (delivery.recipient, "")
        if delivery.part is Part.FILE:
            file = self._upload(payload["name"], payload["content"].encode())
            return partial(self._show, channel, thread, file, payload["name"])
        return partial(self._post, channel, thread, message_of(payload), delivery.key)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[Sent, ...]:
        """Return where a delivery stands, oldest first; an edit is nowhere to be found, and done again."""
        if delivery.part is Part.EDIT:
            return ()
        channel, thread = self._thread(delivery, parent) or (self._conversation(delivery.recipient), "")
        messages = sorted(self._messages(channel, thread, delivery), key=lambda message: float(message["ts"]))
        if delivery.part is Part.FILE:
            files = (file for message in messages for file in message.get("files", ()))
            return tuple(Sent(channel, file["id"]) for file in files if file.get("name") == delivery.payload["name"])
        return tuple(Sent(channel, message["ts"]) for message in messages if _key(message) == delivery.key)

    def take_back(self, delivery: Delivery, sent: Sent) -> None:
        """Delete a message, or a file."""
        try:
            if delivery.part is Part.FILE:
                call(self.client, "files_delete", file=sent.ts)
            else:
                call(self.client, "chat_delete", channel=sent.channel, ts=sent.ts)
        except Refused as error:
            if error.code not in _GONE:
                raise

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> Sent:
        """Put a message in the place of an earlier one of the bot's own; one that was deleted needs none."""
        message = message_of(payload)
        try:
            self._edited(channel, ts, message)
        except Refused as error:
            if error.code not in _GONE:
                raise
        return Sent(channel, ts)

    def _edited(self, channel: str, ts: str, message: Message) -> None:
        try:
            call(self.client, "chat_update", channel=channel, ts=ts, **message.payload())
        except Refused as error:
            call(self.client, "chat_update", channel=channel, ts=ts, **fallback(message, error).payload())

    def _thread(self, delivery: Delivery, parent: Delivery | None) -> tuple[str, str] | None:
        return (parent.channel, parent.ts) if parent and delivery.part in _IN_THREAD else None

    def _conversation(self, recipient: str) -> str:
        return recipient if is_id(recipient) else direct_channel(self.client, recipient)

    def _post(self, channel: str, thread: str, message: Message, key: str) -> Sent:
        try:
            return self._posted(channel, thread, message, key)
        except Refused as error:
            return self._posted(channel, thread, fallback(message, error), key)

    def _posted(self, channel: str, thread: str, message: Message, key: str) -> Sent:
        answer = call(
            self.client,
            "chat_postMessage",
            channel=channel,
            metadata={"event_type": _EVENT, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread} if thread else {}),
            **message.payload(),
        )
        return Sent(str(answer["channel"]), str(answer["ts"]))

    def _upload(self, name: str, content: bytes) -> str:
        """Bring a file to Slack, where nobody sees it yet, and return its id."""
        target = call(self.client, "files_getUploadURLExternal", filename=name, length=len(content))
        _sent_up(target["upload_url"], content)
        return str(target["file_id"])

    def _show(self, channel: str, thread: str, file: str, name: str) -> Sent:
        files = [{"id": file, "title": name}]
        call(self.client, "files_completeUploadExternal", files=files, channel_id=channel, thread_ts=thread)
        return Sent(channel, file)

    def _messages(self, channel: str, thread: str, delivery: Delivery) -> Iterator[dict[str, Any]]:
        """Yield the messages since a delivery was last put on the wire."""
        since = delivery.attempted.timestamp() - _SKEW.total_seconds() if delivery.attempted else 0.0
        where = {"channel": channel, "oldest": f"{since:.6f}", "limit": _PAGE, "include_all_metadata": True}
        method, where = (
            ("conversations_replies", {**where, "ts": thread}) if thread else ("conversations_history", where)
        )
        cursor = ""
        while True:
            page = call(self.client, method, **where, cursor=cursor)
            yield from page["messages"]
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return


def _key(message: Mapping[str, Any]) -> str | None:
    """Return the key of the delivery that a message is, if it is one."""
    key: str | None = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
    return key


def _sent_up(address: str, content: bytes) -> None:
    direct = {"http": "", "https": ""} if goes_direct(address) else None
    try:
        answer = requests.post(address, content, timeout=TIMEOUT, proxies=direct)
    except requests.RequestException as error:
        raise Ambiguous(f"Slack took no file ({type(error).__name__})") from error
    if not answer.ok:
        kind = Ambiguous if answer.status_code >= requests.codes.server_error else Refused
        raise kind(f"Slack took no file (HTTP {answer.status_code})")


def message_of(payload: Mapping[str, Any]) -> Message:
    """Return the message that a payload holds."""
    return Message(payload["text"], tuple(payload["blocks"]), payload["plain"])


def payload_of(message: Message) -> dict[str, Any]:
    """Return a message as JSON."""
    return {"text": message.text, "blocks": list(message.blocks), "plain": message.plain}
