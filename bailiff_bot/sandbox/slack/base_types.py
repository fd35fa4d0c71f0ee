"""Types that the whole local Slack uses: JSON, the clock, the installed app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bailiff_bot.sandbox import fixtures

Json: TypeAlias = dict[str, Any]
"""A JSON object."""
Clock: TypeAlias = Callable[[], float]
"""Returns seconds since 1970; tests pass a clock that they control."""

MANIFEST_SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "users:read",
        "users:read.email",
        "im:write",
        "im:history",
        "channels:history",
        "groups:history",
        "channels:read",
        "groups:read",
        "files:write",
    },
)
"""The bot scopes that Bailiff's manifest asks for."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The app as installed in the workspace: its ids, names, tokens and scopes."""

    team_id: str = fixtures.TEAM_ID
    team_name: str = "Octo"
    team_domain: str = "octo"
    app_id: str = "A0BAILIFF1"
    app_name: str = "bailiff"
    command: str = "/bailiff"
    bot_id: str = "B0BAILIFF1"
    bot_user_id: str = fixtures.BOT_USER_ID
    bot_token: str = field(default="xoxb-sandbox-bailiff", repr=False)
    app_token: str = field(default="xapp-1-A0BAILIFF1-sandbox", repr=False)
    verification_token: str = field(default="sandbox-verification", repr=False)
    bot_scopes: frozenset[str] = MANIFEST_SCOPES
    app_scopes: frozenset[str] = frozenset({"connections:write"})
