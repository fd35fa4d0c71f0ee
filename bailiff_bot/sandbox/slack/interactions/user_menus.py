"""Menus of users: which users they offer, and how a test names them."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.result import InteractionError
from bailiff_bot.sandbox.slack.workspace import Workspace


def chosen(workspace: Workspace, item: Json, value: object) -> object:
    """Return what is chosen or typed in an element. In a menu of users, names become ids.

    Slack offers everybody but deactivated users: also guests, other companies' members, and apps. Raises
    InteractionError for anybody else.
    """
    if item["type"] == "users_select":
        return value and _user_id(workspace, str(value))
    if item["type"] == "multi_users_select" and isinstance(value, list):
        return [_user_id(workspace, str(name)) for name in value]
    return value


def _user_id(workspace: Workspace, name: str) -> str:
    user = workspace.users.find(name)
    if user is None or user.deleted:
        raise InteractionError(f"the menu offers no user {name!r}")
    return user.id
