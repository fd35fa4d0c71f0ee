"""users.*: the users of the workspace."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.web.paging import page
from bailiff_bot.sandbox.slack.workspace import User


def info(call: MethodCall) -> Json:
    """users.info: return one user."""
    return {"user": _user_json(call, access.known_user(call))}


def list_all(call: MethodCall) -> Json:
    """users.list: return all users, deactivated ones included."""
    found, more = page(list(call.workspace.users), call.arguments, key=lambda user: user.id)
    return {"members": [_user_json(call, user) for user in found], "cache_ts": int(call.workspace.clock()), **more}


def lookup_by_email(call: MethodCall) -> Json:
    """users.lookupByEmail: return the active user with this address."""
    user = call.workspace.users.find_by_email(call.arguments.text("email"))
    if user is None:
        raise ApiError("users_not_found")
    return {"user": _user_json(call, user)}


def _user_json(call: MethodCall, user: User) -> Json:
    is_stranger = user.is_external and not call.workspace.channels.shares_with_bot(user.id)
    return user.as_json(with_email="users:read.email" in call.scopes, is_stranger=is_stranger)
