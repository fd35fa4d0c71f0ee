"""One call of a method, and the description of a method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MethodCall:
    """The argument of a method's handler."""

    arguments: Arguments
    workspace: Workspace
    scopes: frozenset[str]
    """The scopes of the caller's token."""
    origin: str
    """The base URL of this server as the caller sees it: "http://127.0.0.1:1234"."""
    visibility_delay: float = 0.0
    """Seconds until a posted message becomes visible."""

    def require_scope(self, scope: str) -> None:
        """Raise ApiError if the token does not have the scope."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))


MethodHandler: TypeAlias = Callable[[MethodCall], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API."""

    name: str
    handler: MethodHandler
    tier: int
    """The rate limit: tier 1 allows 1 call a minute, tier 2 20, tier 3 50, tier 4 100."""
    scope: str | None = None
    """None: no scope is needed, or the scope depends on the channel."""
    required_arguments: tuple[str, ...] = ()
    """Without these arguments Slack rejects the call."""
    accepts_json: bool = True
    """False: the method ignores a JSON body, as most read methods do."""
    token: Literal["bot", "app"] = "bot"  # noqa: S105 - a kind of token
