"""The handlers of an action that asks something first: a click opens its modal, a submission does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.messages.modal import Modal, checking, saving, with_note
from bailiff_bot.slack.blocks.modals import modal_view
from bailiff_bot.slack.handlers.clicks import Clicks, OpenModal
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.forms import Forms

Values = Mapping[str, Any]
"""What a submission holds, by the name of the field."""


def nothing_wrong(_values: Values, _click_id: str, _user_id: str) -> Mapping[str, str]:
    """Return no error: the form has no field."""
    return {}


@dataclass(frozen=True, slots=True)
class FormAction:
    """An action with a form."""

    action: Action
    button: str
    """The key of the button that opens the form."""
    form_key: str
    """The key of the submission."""
    title: str
    """The title of the modal."""
    forms: Forms
    fill: Callable[[Asker, Click], Modal | NotDone]
    """Returns the form, after AWS and the directory were asked; or why it is refused. Raises StoreError."""
    act: Callable[[Asker, Click, Values], ActionResult | NotDone]
    """Does it with what was typed, unless it is refused. Raises StoreError."""
    note: str = ""
    """What each form ends with; empty: nothing."""
    errors: Callable[[Values, str, str], Mapping[str, str]] = nothing_wrong
    """Returns what is wrong with fields, by their names, and is quick. Gets the click's id and the user's as well."""


def register(app: App, clicks: Clicks, form_action: FormAction) -> None:
    """Register the handlers."""
    handler = _FormHandler(clicks, form_action)

    @app.action(form_action.button)
    def clicked(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        clicks.open_modal(body, checking(form_action.title), handler.fill)

    @app.view(form_action.form_key)
    def sent(ack: Ack, body: dict[str, Any]) -> None:
        handler.submit(ack, body)


@dataclass(frozen=True, slots=True)
class _FormHandler:
    clicks: Clicks
    form_action: FormAction

    def fill(self, request: SlackRequest, modal: OpenModal) -> None:
        """Show what is asked, or why it is not possible."""
        asker = self.clicks.responder.users.asker(request.user_id)
        click = request.opening_click(self.form_action.forms.decisions.clock())
        form = self.form_action.fill(asker, click)
        if isinstance(form, NotDone):
            self.clicks.refused(request, modal, form)
        else:
            self.clicks.update(modal, with_note(form, self.form_action.note))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Answer what is quick to check, and do the rest in the background."""
        view, user, title = body["view"], body["user"]["id"], self.form_action.title
        values, click_id = view["state"]["values"], view["private_metadata"]
        if errors := self.form_action.errors(values, click_id, user):
            ack(response_action="errors", errors=dict(errors))
            self.clicks.record_wrong_input(body, self.form_action.forms, self.form_action.action)
            return
        ack(response_action="update", view=modal_view(saving(title)))
        request, modal = SlackRequest(user), OpenModal(view["id"], title)
        self.clicks.run(request, modal, partial(self._act, request, modal, click_id, values))

    def _act(self, request: SlackRequest, modal: OpenModal, click_id: str, values: Values) -> None:
        asker, forms = self.clicks.responder.users.asker(request.user_id), self.form_action.forms
        click = forms.clicked(click_id, request.user_id)
        if click is None:
            self.clicks.refused(request, modal, forms.decisions.unknown(asker, self.form_action.action))
            return
        outcome = self.form_action.act(asker, click, values)
        self.clicks.done(SlackRequest.from_form(click), modal, outcome, asker.address)
