"""A local Slack in which a test can get a response URL, a trigger or a message."""

import json
import urllib.error
import urllib.request
from typing import Any

from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox

CHANNEL = "C0COSTS001"


class SlackScenario:
    """A sandbox with its clients, and what a command of Ada's gives: a trigger, a response URL."""

    def __init__(self, slack: SlackSandbox, web: WebClient, clock: Any) -> None:
        self.slack, self.web, self.clock, self.driver = slack, web, clock, slack.driver

    def user_message(self) -> str:
        return self.driver.user("ada").post_message("hello", "cloud-costs").ts

    def bot_message(self) -> str:
        return str(self.web.chat_postMessage(channel=CHANNEL, text="hello")["ts"])

    def trigger(self) -> str:
        return self.driver.user("ada").run_command("/bailiff help", "cloud-costs").trigger_id

    def modal_trigger(self) -> str:
        """Return the trigger of a click on "More" in Ada's modal."""
        modal = self.driver.user("ada").modal()
        assert modal is not None
        return self.driver.user("ada").click(modal, "More").trigger_id

    def response_url(self) -> str:
        return self.driver.user("ada").run_command("/bailiff help", "cloud-costs").response_url

    def with_token(self, token: str) -> WebClient:
        return WebClient(token=token, base_url=self.slack.api_url, retry_handlers=[])

    def post_raw(self, body: bytes, content_type: str = "application/json", method: str = "chat.postMessage") -> Any:
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {self.slack.bot_token}"}
        return self.post(f"{self.slack.api_url}{method}", body, headers)

    def post(self, url: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(url, data=body, headers=headers or {})  # noqa: S310 - the sandbox's address
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310
                raw = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raw = error.read()
        return json.loads(raw) if raw.startswith(b"{") else {"text": raw.decode()}

    def post_blocks(self, *blocks: dict[str, Any]) -> Any:
        return self.web.chat_postMessage(channel=CHANNEL, text="x", blocks=list(blocks))

    def uploaded_file(self) -> str:
        url = self.web.files_getUploadURLExternal(filename="x.csv", length=3)
        self.post(str(url["upload_url"]), b"a,b")
        return str(url["file_id"])
