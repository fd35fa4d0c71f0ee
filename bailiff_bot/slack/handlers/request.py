"""What Slack sends when somebody types a command, clicks a button or opens the Home tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Self

from bailiff_bot.domain.click import Click


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """Who asks, from where, and what."""

    user_id: str
    channel_id: str = ""
    """Empty for a click in a view, and for an event."""
    response_url: str = ""
    """The address for answers; empty for a click in a view, and for an event."""
    text: str = ""
    """What was typed after a command, with `&`, `<` and `>` escaped."""
    value: str = ""
    """The value of the clicked button."""
    block_id: str = ""
    """The block of the clicked button, unique in its message."""
    click: str = ""
    """Identifies the click: a second one of the same user on the same button of the same message has the same text."""

    @classmethod
    def from_form(cls, click: Click) -> Self:
        """Return the request of a form, which is answered where the click was that opened it."""
        return cls(click.user_id, response_url=click.response_url)

    def opening_click(self, at: datetime) -> Click:
        """Return this click, with a new id, which the form that it opens holds."""
        return Click(token_urlsafe(16), self.value, self.user_id, self.response_url, at)

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Return the request of a command, of a click in a message or in a view, or of an event."""
        if "actions" in payload:
            return cls._from_click(payload)
        if "event" in payload:
            return cls(payload["event"]["user"])
        return cls(payload["user_id"], payload["channel_id"], payload["response_url"], payload.get("text", ""))

    @classmethod
    def _from_click(cls, payload: Mapping[str, Any]) -> Self:
        container, action, user = payload["container"], payload["actions"][0], payload["user"]["id"]
        place = container.get("message_ts") or container["view_id"]
        value = action.get("value", "")
        channel = payload.get("channel", {}).get("id", "")
        block_id = action.get("block_id", "")
        click = " ".join((user, channel, place, block_id, action["action_id"], value))
        return cls(user, channel, payload.get("response_url", ""), value=value, block_id=block_id, click=click)
