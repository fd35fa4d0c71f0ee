"""views.*: modals and the App Home."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import view_problems
from bailiff_bot.sandbox.slack.errors import Refused
from bailiff_bot.sandbox.slack.web import access
from bailiff_bot.sandbox.slack.web.method_call import Call
from bailiff_bot.sandbox.slack.workspace import View, Views


def open_modal(call: Call) -> Json:
    """views.open: a modal for who did what the trigger stands for."""
    trigger = call.arguments.text("trigger_id")
    user = call.workspace.triggers.check(trigger)
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), ("modal",))
    _check_external_id(call.workspace.views, content)
    call.workspace.triggers.exchange(trigger)
    return _shown(call, call.workspace.views.open(user, content))


def publish(call: Call) -> Json:
    """views.publish: a user's App Home."""
    user = access.known_user(call, "user_id")
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), ("home",))
    _check_hash(call, call.workspace.views.home(user.id))
    return _shown(call, call.workspace.views.publish(user.id, content))


def update(call: Call) -> Json:
    """views.update: new content for an open modal or a home."""
    view = _wanted(call)
    content = checked_view(call.arguments.mapping("view", "invalid_arguments"), (view.content["type"],))
    _check_hash(call, view)
    return _shown(call, call.workspace.views.update(view, content))


def checked_view(content: Json | None, kinds: tuple[str, ...]) -> Json:
    """Return the view, if Slack would show it."""
    if content is None:
        raise Refused("invalid_arguments", ["missing required field: view"])
    if content.get("type") not in kinds:
        raise Refused("invalid_arguments", ["must be a valid enum value [json-pointer:/view/type]"])
    found = view_problems(content)
    if found:
        raise Refused("invalid_arguments", [problem.told("/view") for problem in found])
    return content


def _wanted(call: Call) -> View:
    if call.arguments.text("external_id"):
        view = call.workspace.views.with_external_id(call.arguments.text("external_id"))
        if view is None:
            raise Refused("not_found")
        return view
    view = call.workspace.views.get(call.arguments.text("view_id"))
    if view is None:
        raise Refused("view_not_found")
    return view


def _check_hash(call: Call, view: View | None) -> None:
    given = call.arguments.text("hash")
    if given and view is not None and given != view.hash:
        raise Refused("hash_conflict")


def _check_external_id(views: Views, content: Json) -> None:
    if views.with_external_id(str(content.get("external_id", ""))) is not None:
        raise Refused("duplicate_external_id")


def _shown(call: Call, view: View) -> Json:
    return {"view": view.as_json(call.workspace.installation)}
