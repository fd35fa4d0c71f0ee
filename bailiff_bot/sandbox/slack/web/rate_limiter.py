"""Rate limits: calls a minute for each method, and one message a second for each channel."""

from collections import defaultdict

from bailiff_bot.sandbox.slack.base_types import Clock
from bailiff_bot.sandbox.slack.web.method_call import Method

CALLS_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""The limit of each of Slack's tiers."""
_MINUTE = 60.0
_SECONDS_BETWEEN_POSTS = 1.0


class RateLimiter:
    """Counts calls by the sandbox's clock; if not `enforced`, it allows all calls."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._calls: defaultdict[str, list[float]] = defaultdict(list)
        self._last_post: dict[str, float] = {}

    def seconds_to_wait(self, method: Method, channel: str) -> float:
        """Return how many seconds the caller must wait; 0.0: the call is allowed, and counted."""
        if not self._enforced:
            return 0.0
        if method.name == "chat.postMessage":
            return self._wait_for_channel(channel)
        return self._wait_for_tier(method)

    def _wait_for_tier(self, method: Method) -> float:
        now = self._clock()
        recent = [at for at in self._calls[method.name] if at > now - _MINUTE]
        self._calls[method.name] = recent
        if len(recent) >= CALLS_PER_MINUTE[method.tier]:
            return recent[0] + _MINUTE - now
        recent.append(now)
        return 0.0

    def _wait_for_channel(self, channel: str) -> float:
        now = self._clock()
        free_at = self._last_post.get(channel, 0.0) + _SECONDS_BETWEEN_POSTS
        if free_at > now:
            return free_at - now
        self._last_post[channel] = now
        return 0.0
