"""The payloads of commands, clicks, modals and events, with Slack's fields."""

import uuid

from bailiff_bot.sandbox.slack.base_types import Installation, Json
from bailiff_bot.sandbox.slack.interactions.input_state import surface_state
from bailiff_bot.sandbox.slack.web.message_json import message_json
from bailiff_bot.sandbox.slack.workspace import Channel, Message, ResponseUrl, User, View, Workspace


def response_url_for(origin: str, installation: Installation, url: ResponseUrl) -> str:
    """Return the response URL of a command or a click."""
    kind = "commands" if url.source_ts is None else "actions"
    return f"{origin}/{kind}/{installation.team_id}/{url.key}"


def slash_command(workspace: Workspace, origin: str, user: User, channel: Channel, text: str) -> Json:
    """Return the payload of a slash command."""
    app = workspace.installation
    url = workspace.response_urls.issue(user.id, channel.id)
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "team_domain": app.team_domain,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": user.id,
        "user_name": user.name,
        "command": app.command,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url_for(origin, app, url),
        "trigger_id": workspace.triggers.issue(user.id),
    }


def message_click(workspace: Workspace, origin: str, user: User, message: Message, action: Json) -> Json:
    """Return the payload of a click on a message; it does not contain an ephemeral message itself."""
    channel = workspace.channels.get(message.channel)
    url = workspace.response_urls.issue(user.id, message.channel, message.ts)
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.visible_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _triggering(workspace, user, "block_actions") | {
        "container": container,
        "channel": {"id": message.channel, "name": channel.payload_name if channel else ""},
        "state": {"values": message_values(workspace, user, message)},
        "response_url": response_url_for(origin, workspace.installation, url),
        "actions": [_action(workspace, action)],
    }
    return payload if message.visible_to else payload | {"message": message_json(message, workspace)}


def view_click(workspace: Workspace, user: User, view: View, action: Json) -> Json:
    """Return the payload of a click in a modal or in the App Home: no channel and no response URL."""
    return _triggering(workspace, user, "block_actions", view) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(workspace, view),
        "actions": [_action(workspace, action)],
    }


def view_submission(workspace: Workspace, user: User, view: View) -> Json:
    """Return the payload of a submitted modal."""
    payload = _triggering(workspace, user, "view_submission", view)
    return payload | {"view": view_json(workspace, view), "response_urls": []}


def view_closed(workspace: Workspace, user: User, view: View, *, is_cleared: bool) -> Json:
    """Return the payload of a closed view; `is_cleared`: the whole modal was closed."""
    payload = _interaction(workspace, user, "view_closed")
    return payload | {"view": view_json(workspace, view), "is_cleared": is_cleared}


def view_json(workspace: Workspace, view: View) -> Json:
    """Return a view with the values of its inputs, as payloads contain it."""
    values = surface_state(view.content["blocks"], workspace.inputs.filled(view.id, view.user))
    return view.as_json(workspace.installation, values)


def message_values(workspace: Workspace, user: User, message: Message) -> Json:
    """Return the values of a message's inputs, as the user has set them."""
    return surface_state(message.blocks, workspace.inputs.filled(message_surface(message), user.id))


def message_surface(message: Message) -> str:
    """Return the name of a message among the surfaces that hold inputs."""
    return f"{message.channel}/{message.ts}"


def app_home_opened(workspace: Workspace, user: User) -> Json:
    """Return the event that a user opened the App Home."""
    now = workspace.clock()
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": workspace.channels.open_direct(user.id).id,
        "tab": "home",
        "event_ts": f"{now:.6f}",
    }
    home = workspace.views.home(user.id)
    return _event(workspace, event | ({"view": view_json(workspace, home)} if home else {}))


def _event(workspace: Workspace, event: Json) -> Json:
    app = workspace.installation
    authorization = {"enterprise_id": None, "team_id": app.team_id, "user_id": app.bot_user_id, "is_bot": True}
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{uuid.uuid4().hex[:9].upper()}",
        "event_time": int(workspace.clock()),
        "authorizations": [authorization | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }


def _interaction(workspace: Workspace, user: User, kind: str) -> Json:
    app = workspace.installation
    return {
        "type": kind,
        "team": {"id": app.team_id, "domain": app.team_domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _triggering(workspace: Workspace, user: User, kind: str, view: View | None = None) -> Json:
    return _interaction(workspace, user, kind) | {
        "trigger_id": workspace.triggers.issue(user.id, view.id if view else "")
    }


def _action(workspace: Workspace, action: Json) -> Json:
    return action | {"action_ts": f"{workspace.clock():.6f}"}
