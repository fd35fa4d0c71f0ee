"""Short-lived keys: tickets for WebSockets, trigger ids and response URLs."""

import secrets
from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Clock
from bailiff_bot.sandbox.slack.errors import ApiError

TRIGGER_SECONDS = 3
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


class Tickets:
    """Tickets; each admits one WebSocket."""

    def __init__(self) -> None:
        self._unused: set[str] = set()

    def issue(self) -> str:
        """Return a new ticket."""
        ticket = secrets.token_hex(12)
        self._unused.add(ticket)
        return ticket

    def redeem(self, ticket: str) -> bool:
        """Use up the ticket; return True if it was valid."""
        is_valid = ticket in self._unused
        self._unused.discard(ticket)
        return is_valid


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger id of an interaction."""

    user: str
    issued_at: float
    view: str = ""
    """The id of the view of the interaction; empty: it was not in a view."""
    exchanged: bool = False


class Triggers:
    """Trigger ids; each opens one view within 3 seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view: str = "") -> str:
        """Return a new trigger id for the user's interaction, in a view if `view` is its id."""
        trigger_id = f"{len(self._triggers) + 1}.{secrets.token_hex(8)}"
        self._triggers[trigger_id] = Trigger(user, self._clock(), view)
        return trigger_id

    def check(self, trigger_id: str) -> Trigger:
        """Return the trigger of an id. Raises ApiError if it is unknown, used or expired."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.exchanged:
            raise ApiError("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        return trigger

    def exchange(self, trigger_id: str) -> None:
        """Mark the trigger as used."""
        self._triggers[trigger_id] = replace(self._triggers[trigger_id], exchanged=True)


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """A response URL of a command or a click: valid for 30 minutes and five uses."""

    key: str
    user: str
    channel: str
    issued_at: float
    source_ts: str | None = None
    """The clicked message; None for a command, which has no message to replace."""
    uses: int = 0


class ResponseUrls:
    """Every issued response URL."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, source_ts: str | None = None) -> ResponseUrl:
        """Return a new response URL for the user's interaction in the channel."""
        url = ResponseUrl(secrets.token_hex(12), user, channel, self._clock(), source_ts)
        self._urls[url.key] = url
        return url

    def check(self, key: str) -> ResponseUrl:
        """Return the response URL of a key. Raises ApiError if it is unknown, used up or expired."""
        url = self._urls.get(key)
        if url is None or self._clock() - url.issued_at > RESPONSE_URL_SECONDS:
            raise ApiError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise ApiError("used_url")
        return url

    def record_use(self, url: ResponseUrl) -> None:
        """Count one use."""
        self._urls[url.key] = replace(url, uses=url.uses + 1)
