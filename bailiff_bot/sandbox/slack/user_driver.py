"""Acts as one user of the local Slack."""

from typing import Any

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.control_client import ControlClient
from bailiff_bot.sandbox.slack.interactions.result import InteractionResult
from bailiff_bot.sandbox.slack.rendered import RenderedMessage, RenderedView


class UserDriver:
    """Acts as one user of the workspace."""

    def __init__(self, client: ControlClient, name: str) -> None:
        self._client = client
        self._name = name

    def run_command(self, text: str, channel: str = "bailiff") -> InteractionResult:
        """Type a slash command in a channel, or to the bot; return once it is acknowledged or has failed."""
        return InteractionResult(**self._request("types", text=text, channel=channel))

    def post_message(self, text: str, channel: str, thread: RenderedMessage | str | None = None) -> RenderedMessage:
        """Post a message in a channel or a thread."""
        return RenderedMessage.from_json(self._request("says", text=text, channel=channel, thread_ts=_ts(thread)))

    def visible_messages(
        self, channel: str = "bailiff", thread: RenderedMessage | str | None = None
    ) -> list[RenderedMessage]:
        """Return the messages that this user sees, oldest first; "bailiff" is the conversation with the bot."""
        return [
            RenderedMessage.from_json(body) for body in self._request("sees", channel=channel, thread_ts=_ts(thread))
        ]

    def click(  # noqa: PLR0913 - which element, by name
        self,
        container: RenderedMessage | RenderedView,
        element: str,
        *,
        option: object = None,
        block_id: str = "",
        near: str = "",
        forged: Json | None = None,
    ) -> InteractionResult:
        """Click an element, by action id or visible text; return once it is acknowledged or has failed.

        `option` is the chosen option of a menu, or the new value of a picker; an option of an overflow menu can be
        named as the element. Of several elements with one name, the first one counts: in the block `block_id`, or in
        or below the block that says `near`. The fields in `forged` replace those of the action that the app receives.
        """
        click = _click(container, element, option, block_id, near)
        return InteractionResult(**self._request("clicks", **click, forged=forged or {}))

    def click_twice(
        self,
        container: RenderedMessage | RenderedView,
        element: str,
        *,
        option: object = None,
        block_id: str = "",
        near: str = "",
    ) -> list[InteractionResult]:
        """Click an element on two devices at once; return both results. See `click`."""
        click = _click(container, element, option, block_id, near)
        return [InteractionResult(**body) for body in self._request("clicks_twice", **click)]

    def view(self) -> RenderedView | None:
        """Return the top modal if one is open, else the App Home."""
        return self.modal() or self.home()

    def modal(self) -> RenderedView | None:
        """Return the view on top of the open modal, or None."""
        return self._view("modal")

    def home(self) -> RenderedView | None:
        """Return the App Home, or None before it is published."""
        return self._view("home")

    def fill_in(self, view: RenderedView, values: Json) -> None:
        """Fill in inputs, with values by action id or label. An input with `dispatch_action` is clicked instead.

        In a menu of users, the value is the name or the id of a user.
        """
        self._request("fills", view_id=view.id, values=values)

    def submit_modal(
        self, view: RenderedView, values: Json | None = None, *, forged: Json | None = None
    ) -> InteractionResult:
        """Fill in a modal, with values by action id or label, and submit it.

        The other inputs keep what was filled in before, or their initial values. `forged` has states by block id and
        action id, such as `{"until": {"date": {"type": "datepicker", "selected_date": "never"}}}`: the app receives
        them, although Slack's clients would not send them.
        """
        body = self._request("submits", view_id=view.id, values=values or {}, forged=forged or {})
        return InteractionResult(**body)

    def close_modal(self, view: RenderedView) -> InteractionResult | None:
        """Close the view with its close button; return None if the app did not ask for a notification."""
        body = self._request("closes", view_id=view.id)
        return InteractionResult(**body) if body else None

    def dismiss_modal(self, view: RenderedView) -> InteractionResult | None:
        """Close all views of the modal with its cross; return None if the app did not ask for a notification."""
        body = self._request("dismisses", view_id=view.id)
        return InteractionResult(**body) if body else None

    def open_home(self) -> InteractionResult:
        """Open the App Home."""
        return InteractionResult(**self._request("opens_home"))

    def join(self, channel: str) -> None:
        """Become a member of a channel."""
        self._request("membership", channel=channel, joins=True)

    def invite_bot(self, channel: str) -> None:
        """Add the bot to a channel."""
        self._request("invites_bot", channel=channel)

    def _view(self, kind: str) -> RenderedView | None:
        body = self._request("view", kind=kind)
        return RenderedView.from_json(body) if body else None

    def _request(self, handler: str, **body: object) -> Any:
        return self._client.request(handler, user=self._name, **body)


def _click(
    container: RenderedMessage | RenderedView, element: str, option: object, block_id: str, near: str
) -> dict[str, object]:
    if isinstance(container, RenderedView):
        place = {"view_id": container.id, "channel": "", "ts": ""}
    else:
        place = {"view_id": "", "channel": container.channel, "ts": container.ts}
    return {**place, "wanted": element, "option": option, "block_id": block_id, "near": near}


def _ts(thread: RenderedMessage | str | None) -> str | None:
    return thread.ts if isinstance(thread, RenderedMessage) else thread
