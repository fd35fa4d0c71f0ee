"""users.*: the people of the workspace."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.web.paging import page
from bailiff_bot.sandbox.slack.workspace import User


def info(call: Call) -> Json:
    """users.info: one user."""
    return {"user": _shown(call, access.known_user(call))}


def list_all(call: Call) -> Json:
    """users.list: everybody, deactivated accounts included."""
    found, more = page(list(call.workspace.people), call.arguments, key=lambda user: user.id)
    return {"members": [_shown(call, user) for user in found], "cache_ts": int(call.workspace.clock()), **more}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail: the active user with that address."""
    user = call.workspace.people.with_email(call.arguments.text("email"))
    if user is None:
        raise Refused("users_not_found")
    return {"user": _shown(call, user)}


def _shown(call: Call, user: User) -> Json:
    return user.as_json(with_email="users:read.email" in call.scopes)
