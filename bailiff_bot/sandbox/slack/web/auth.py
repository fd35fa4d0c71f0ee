"""auth.test, bots.info and apps.connections.open."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.method_call import MethodCall


def test(call: MethodCall) -> Json:
    """auth.test: return the identity of the token."""
    app = call.workspace.installation
    return {
        "url": f"https://{app.team_domain}.slack.com/",
        "team": app.team_name,
        "user": app.app_name,
        "team_id": app.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def bots_info(call: MethodCall) -> Json:
    """bots.info: return the bot of a bot id."""
    app = call.workspace.installation
    if call.arguments.text("bot", app.bot_id) != app.bot_id:
        raise ApiError("bot_not_found")
    bot = {"id": app.bot_id, "app_id": app.app_id, "user_id": app.bot_user_id, "name": app.app_name, "deleted": False}
    return {"bot": bot}


def connections_open(call: MethodCall) -> Json:
    """apps.connections.open: return a URL for one WebSocket."""
    socket = call.origin.replace("http://", "ws://", 1)
    return {
        "url": f"{socket}/link/?ticket={call.workspace.tickets.issue()}&app_id={call.workspace.installation.app_id}"
    }
