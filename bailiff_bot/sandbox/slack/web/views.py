"""views.*: modals and the App Home."""

import json

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import view_problems
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.workspace import View, Views
from bailiff_bot.sandbox.slack.workspace.views import MAX_STACK

MAX_VIEW_BYTES = 250_000


def open_modal(call: MethodCall) -> Json:
    """views.open: open a modal for the user of the trigger."""
    trigger_id = call.arguments.text("trigger_id")
    trigger = call.workspace.triggers.check(trigger_id)
    content = new_modal(call.workspace.views, _view_argument(call))
    call.workspace.triggers.exchange(trigger_id)
    return _view_response(call, call.workspace.views.open(trigger.user, content))


def push(call: MethodCall) -> Json:
    """views.push: put a view on top of the modal in which the trigger's interaction was."""
    trigger_id, views = call.arguments.text("trigger_id"), call.workspace.views
    view = views.get(call.workspace.triggers.check(trigger_id).view)
    if view is None or view.content["type"] != "modal":
        raise ApiError("not_found")
    content = new_modal(views, _view_argument(call))
    check_stack(views, view)
    call.workspace.triggers.exchange(trigger_id)
    return _view_response(call, views.push(view, content))


def publish(call: MethodCall) -> Json:
    """views.publish: set a user's App Home."""
    user = access.known_user(call, "user_id")
    content = _checked_view(_view_argument(call), "home")
    home = call.workspace.views.home(user.id)
    _check_external_id(call.workspace.views, content, home)
    _check_hash(call, home)
    return _view_response(call, call.workspace.views.publish(user.id, content))


def update(call: MethodCall) -> Json:
    """views.update: replace the content of an open modal or an App Home."""
    view = _requested_view(call)
    content = changed_view(call.workspace.views, view, _view_argument(call))
    _check_hash(call, view)
    return _view_response(call, call.workspace.views.update(view, content))


def new_modal(views: Views, content: Json | None) -> Json:
    """Return the content of a new modal. Raises ApiError if Slack would reject it."""
    modal = _checked_view(content, "modal")
    _check_external_id(views, modal, None)
    return modal


def changed_view(views: Views, view: View, content: Json | None) -> Json:
    """Return the new content of a view. Raises ApiError if Slack would reject it."""
    changed = _checked_view(content, view.content["type"])
    _check_external_id(views, changed, view)
    return changed


def check_stack(views: Views, view: View) -> None:
    """Raise ApiError if the modal of the view holds no more views."""
    if len(views.stack(view)) >= MAX_STACK:
        raise ApiError("push_limit_reached")


def _view_argument(call: MethodCall) -> Json | None:
    return call.arguments.mapping("view", "invalid_arguments")


def _checked_view(content: Json | None, kind: str) -> Json:
    if content is None:
        raise ApiError("invalid_arguments", ["missing required field: view"])
    if content.get("type") != kind:
        raise ApiError("invalid_arguments", ["must be a valid enum value [json-pointer:/view/type]"])
    if len(json.dumps(content, ensure_ascii=False).encode()) > MAX_VIEW_BYTES:
        raise ApiError("view_too_large")
    found = view_problems(content)
    if found:
        raise ApiError("invalid_arguments", [problem.to_slack_message("/view") for problem in found])
    return content


def _requested_view(call: MethodCall) -> View:
    views, external_id = call.workspace.views, call.arguments.text("external_id")
    view = views.find_by_external_id(external_id) if external_id else views.get(call.arguments.text("view_id"))
    if view is None:
        raise ApiError("not_found")
    return view


def _check_hash(call: MethodCall, view: View | None) -> None:
    expected_hash = call.arguments.text("hash")
    if expected_hash and view is not None and expected_hash != view.hash:
        raise ApiError("hash_conflict")


def _check_external_id(views: Views, content: Json, view: View | None) -> None:
    """Raise ApiError if a view other than `view` has the external id of the content."""
    other = views.find_by_external_id(str(content.get("external_id", "")))
    if other is not None and (view is None or other.id != view.id):
        raise ApiError("duplicate_external_id")


def _view_response(call: MethodCall, view: View) -> Json:
    return {"view": view.as_json(call.workspace.installation)}
