"""Sends one delivery to Slack, and finds it there again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import requests
from slack_sdk import WebClient

from bailiff_bot.domain.delivery import Delivery, MessageKind
from bailiff_bot.errors import Ambiguous, Refused
from bailiff_bot.messages.document import Payload
from bailiff_bot.outbox.transport import MessageRef, Send
from bailiff_bot.slack.blocks.payload import post_arguments
from bailiff_bot.slack.client.channels import direct_channel, is_channel_id
from bailiff_bot.slack.client.replies import fallback_for
from bailiff_bot.slack.client.web import bypasses_proxy, call

_METADATA_EVENT = "bailiff_post"
_THREAD_KINDS = frozenset({MessageKind.REPLY, MessageKind.FILE})
_GONE_CODES = frozenset({"file_deleted", "file_not_found", "message_not_found"})
_PAGE_SIZE = 200
_CLOCK_SKEW = timedelta(hours=1)
"""How far Slack's clock and ours may differ. A search goes back this much further than the last attempt."""


@dataclass(frozen=True, slots=True)
class SlackTransport:
    """Sends, finds, edits and deletes messages as the bot.

    The client must not retry: the outbox counts and limits what is sent.
    """

    client: WebClient

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Return the function that sends a delivery. Uploads a file first: a second upload does no harm."""
        payload = delivery.payload
        if delivery.kind is MessageKind.EDIT:
            return partial(self.edit, payload["channel"], payload["ts"], payload)
        # A user's id as the channel means the conversation with that user. Opening it first would cost one more call.
        channel, thread = self._thread(delivery, parent) or (delivery.recipient, "")
        if delivery.kind is MessageKind.FILE:
            file = self._upload(payload["name"], payload["content"].encode())
            return partial(self._share_file, channel, thread, file, payload["name"])
        return partial(self._post, channel, thread, payload, delivery.key)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        """Return where Slack has the delivery, oldest first; nothing for an edit, which can be repeated."""
        if delivery.kind is MessageKind.EDIT:
            return ()
        channel, thread = self._thread(delivery, parent) or (self._conversation(delivery.recipient), "")
        messages = sorted(self._messages(channel, thread, delivery), key=lambda message: float(message["ts"]))
        if delivery.kind is MessageKind.FILE:
            files = (file for message in messages for file in message.get("files", ()))
            return tuple(
                MessageRef(channel, file["id"]) for file in files if file.get("name") == delivery.payload["name"]
            )
        return tuple(
            MessageRef(channel, message["ts"]) for message in messages if _delivery_key(message) == delivery.key
        )

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        """Delete a message or a file; it is no error if it is gone already."""
        try:
            if delivery.kind is MessageKind.FILE:
                call(self.client, "files_delete", file=message.ts)
            else:
                call(self.client, "chat_delete", channel=message.channel, ts=message.ts)
        except Refused as error:
            if error.code not in _GONE_CODES:
                raise

    def edit(self, channel: str, ts: str, payload: Payload) -> MessageRef:
        """Replace the content of an earlier message of the bot. It is no error if that message was deleted."""
        try:
            self._update(channel, ts, payload)
        except Refused as error:
            if error.code not in _GONE_CODES:
                raise
        return MessageRef(channel, ts)

    def _update(self, channel: str, ts: str, payload: Payload) -> None:
        try:
            call(self.client, "chat_update", channel=channel, ts=ts, **post_arguments(payload))
        except Refused as error:
            call(self.client, "chat_update", channel=channel, ts=ts, **post_arguments(fallback_for(payload, error)))

    def _thread(self, delivery: Delivery, parent: Delivery | None) -> tuple[str, str] | None:
        return (parent.channel, parent.ts) if parent and delivery.kind in _THREAD_KINDS else None

    def _conversation(self, recipient: str) -> str:
        return recipient if is_channel_id(recipient) else direct_channel(self.client, recipient)

    def _post(self, channel: str, thread: str, payload: Payload, key: str) -> MessageRef:
        try:
            return self._post_message(channel, thread, payload, key)
        except Refused as error:
            return self._post_message(channel, thread, fallback_for(payload, error), key)

    def _post_message(self, channel: str, thread: str, payload: Payload, key: str) -> MessageRef:
        answer = call(
            self.client,
            "chat_postMessage",
            channel=channel,
            metadata={"event_type": _METADATA_EVENT, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread} if thread else {}),
            **post_arguments(payload),
        )
        return MessageRef(str(answer["channel"]), str(answer["ts"]))

    def _upload(self, name: str, content: bytes) -> str:
        """Upload a file, not visible to anybody yet, and return its id."""
        target = call(self.client, "files_getUploadURLExternal", filename=name, length=len(content))
        _upload_content(target["upload_url"], content, self.client.timeout)
        return str(target["file_id"])

    def _share_file(self, channel: str, thread: str, file: str, name: str) -> MessageRef:
        files = [{"id": file, "title": name}]
        call(self.client, "files_completeUploadExternal", files=files, channel_id=channel, thread_ts=thread)
        return MessageRef(channel, file)

    def _messages(self, channel: str, thread: str, delivery: Delivery) -> Iterator[dict[str, Any]]:
        """Yield the messages since the delivery was last attempted, in no particular order."""
        oldest = delivery.attempted_at.timestamp() - _CLOCK_SKEW.total_seconds() if delivery.attempted_at else 0.0
        arguments = {"channel": channel, "oldest": f"{oldest:.6f}", "limit": _PAGE_SIZE, "include_all_metadata": True}
        method = "conversations_history"
        if thread:
            method, arguments = "conversations_replies", {**arguments, "ts": thread}
        cursor = ""
        while True:
            page = call(self.client, method, **arguments, cursor=cursor)
            yield from page["messages"]
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return


def _delivery_key(message: Mapping[str, Any]) -> str | None:
    """Return the delivery's key from a message's metadata; None if it has none."""
    key: str | None = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
    return key


def _upload_content(url: str, content: bytes, timeout: float) -> None:
    proxies = {"http": "", "https": ""} if bypasses_proxy(url) else None
    try:
        response = requests.post(url, content, timeout=timeout, proxies=proxies)
    except requests.RequestException as error:
        raise Ambiguous(f"Slack did not accept the file ({type(error).__name__})") from error
    if not response.ok:
        error_type = Ambiguous if response.status_code >= requests.codes.server_error else Refused
        raise error_type(f"Slack did not accept the file (HTTP {response.status_code})")
