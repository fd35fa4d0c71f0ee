"""views.*: modals and the App Home."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import view_problems
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import MethodCall
from bailiff_bot.sandbox.slack.workspace import View, Views


def open_modal(call: MethodCall) -> Json:
    """views.open: open a modal for the user of the trigger."""
    trigger = call.arguments.text("trigger_id")
    user = call.workspace.triggers.check(trigger)
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), ("modal",))
    _check_external_id(call.workspace.views, content)
    call.workspace.triggers.exchange(trigger)
    return _view_response(call, call.workspace.views.open(user, content))


def publish(call: MethodCall) -> Json:
    """views.publish: set a user's App Home."""
    user = access.known_user(call, "user_id")
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), ("home",))
    _check_hash(call, call.workspace.views.home(user.id))
    return _view_response(call, call.workspace.views.publish(user.id, content))


def update(call: MethodCall) -> Json:
    """views.update: replace the content of an open modal or an App Home."""
    view = _requested_view(call)
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), (view.content["type"],))
    _check_hash(call, view)
    return _view_response(call, call.workspace.views.update(view, content))


def checked_view(content: Json | None, kinds: tuple[str, ...]) -> Json:
    """Return the view. Raises ApiError if Slack would reject it."""
    if content is None:
        raise ApiError("invalid_arguments", ["missing required field: view"])
    if content.get("type") not in kinds:
        raise ApiError("invalid_arguments", ["must be a valid enum value [json-pointer:/view/type]"])
    found = view_problems(content)
    if found:
        raise ApiError("invalid_arguments", [problem.to_slack_message("/view") for problem in found])
    return content


def _requested_view(call: MethodCall) -> View:
    if call.arguments.text("external_id"):
        view = call.workspace.views.find_by_external_id(call.arguments.text("external_id"))
        if view is None:
            raise ApiError("not_found")
        return view
    view = call.workspace.views.get(call.arguments.text("view_id"))
    if view is None:
        raise ApiError("view_not_found")
    return view


def _check_hash(call: MethodCall, view: View | None) -> None:
    expected_hash = call.arguments.text("hash")
    if expected_hash and view is not None and expected_hash != view.hash:
        raise ApiError("hash_conflict")


def _check_external_id(views: Views, content: Json) -> None:
    if views.find_by_external_id(str(content.get("external_id", ""))) is not None:
        raise ApiError("duplicate_external_id")


def _view_response(call: MethodCall, view: View) -> Json:
    return {"view": view.as_json(call.workspace.installation)}
