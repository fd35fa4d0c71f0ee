"""One call of a method, and the table entry it is looked up in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MethodCall:
    """What a method's handler works with."""

    arguments: Arguments
    workspace: Workspace
    scopes: frozenset[str]
    """What the caller's token was granted."""
    origin: str
    """Where this server is, as the caller sees it: "http://127.0.0.1:1234"."""
    visibility_delay: float = 0.0
    """Seconds until what is posted becomes visible."""

    def require_scope(self, scope: str) -> None:
        """Refuse the call unless the token has the scope."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))


MethodHandler: TypeAlias = Callable[[MethodCall], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API."""

    name: str
    handler: MethodHandler
    tier: int
    """Calls a minute: tier 1 allows 1, tier 2 20, tier 3 50, tier 4 100."""
    scope: str | None = None
    """None when it needs none, or when that depends on the channel."""
    required_arguments: tuple[str, ...] = ()
    """Arguments without which it is refused."""
    accepts_json: bool = True
    """Methods that only read do not look into a JSON body."""
    token: Literal["bot", "app"] = "bot"  # noqa: S105 - a kind of token
