"""Applies an app's response to a submitted modal."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.views import changed_view, check_stack, new_modal
from bailiff_bot.sandbox.slack.workspace import View, Views


def apply_view_response(views: Views, submitted: View, payload: Json) -> None:
    """Close, update, push or clear as the payload says; `errors` change nothing. Raises ApiError."""
    view = views.get(submitted.id)
    if view is None:  # the user closed it meanwhile
        return
    match payload.get("response_action"):
        case "errors":
            _check_errors(view, payload.get("errors"))
        case "clear":
            views.clear(view)
        case "update":
            views.update(view, changed_view(views, view, payload.get("view")))
        case "push":
            content = new_modal(views, payload.get("view"))
            check_stack(views, view)
            views.push(view, content)
        case None:
            views.close(view)
        case other:
            raise ApiError("invalid_arguments", [f"there is no response_action {other!r}"])


def _check_errors(view: View, errors: object) -> None:
    """Raise ApiError unless the errors are texts by the block ids of the view's input blocks."""
    inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_arguments", ["missing required field: errors"])
    for block_id, text in errors.items():
        if block_id not in inputs:
            raise ApiError("invalid_arguments", [f"there is no input block {block_id!r}, only {sorted(inputs)}"])
        if not isinstance(text, str) or not text:
            raise ApiError("invalid_arguments", [f"the error of {block_id!r} is not a text"])
