"""Calls the handlers of the control endpoint over HTTP, from any process."""

import json
import urllib.error
import urllib.request
from typing import Any

from bailiff_bot.sandbox.slack.interactions.result import InteractionError

_TIMEOUT_SECONDS = 60.0
# No proxy: the sandbox is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlClient:
    """A client of the sandbox at a base URL such as "http://127.0.0.1:4321"."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def request(self, handler: str, **body: object) -> Any:
        """Call a handler of the control endpoint. Raises InteractionError for what a user cannot do in Slack."""
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own address
            f"{self._base_url}/sandbox/{handler}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return json.load(response)["result"]
        except urllib.error.HTTPError as error:
            with error:
                raise InteractionError(_error_message(error)) from error


def _error_message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except ValueError:
        return f"the sandbox answered {error.code}"
