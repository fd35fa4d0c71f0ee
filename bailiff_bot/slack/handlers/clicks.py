"""What every click on an instance's button needs: a modal that opens at once, and an answer that is never lost.

Slack accepts a modal for three seconds after the click only, so it opens in the thread that acknowledges. Then a worker
asks AWS, Slack and the directory, and updates the modal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.offer import ANSWER, HOME, Offer
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.errors import BailiffError, Refused, SlackError
from bailiff_bot.messages.action_results import result_text
from bailiff_bot.messages.aws_refusals import IN_CONSOLE
from bailiff_bot.messages.buttons import link_button
from bailiff_bot.messages.document import Buttons, Document, sentence
from bailiff_bot.messages.modal import Modal
from bailiff_bot.messages.refusals import refusal_sentence
from bailiff_bot.slack.blocks.modals import modal_view
from bailiff_bot.slack.client.web import call
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.command_text import query_of_value
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.forms import Forms
from bailiff_bot.usecases.home import Home

log = structlog.get_logger()

RefreshMessages = Callable[[Sequence[ActionResult]], None]
"""Renders again the direct messages that list what results were done to."""
FillModal = Callable[[SlackRequest, "OpenModal"], None]
"""Fills in the modal that was opened for a click."""

_CLOSED = frozenset({"not_found", "view_not_found"})
"""What Slack answers about a modal that was closed."""


@dataclass(frozen=True, slots=True)
class OpenModal:
    """A modal that somebody may have closed; no modal at all if `view_id` is empty."""

    view_id: str
    title: str
    """What its sentences stand under."""


NO_MODAL = OpenModal("", "")


@dataclass(frozen=True, slots=True)
class Clicks:
    """Opens modals for clicks, and shows what came of them."""

    background: Background
    responder: Responder
    answers: Answers
    home: Home
    exemption_lists: ExemptionLists
    refresh: RefreshMessages

    def open_modal(self, body: Mapping[str, Any], checking: Modal, fill: FillModal) -> None:
        """Open a modal that says that something is checked, and call `fill` in the background."""
        request = SlackRequest.from_payload(body)
        try:
            view = modal_view(checking)
            opened = call(self.responder.client, "views_open", trigger_id=body["trigger_id"], view=view)
        except SlackError as error:
            log.error("modal.not_opened", user=request.user_id, reason=str(error))
            self.responder.report_error(request, sentence("Slack did not open the form: click again."))
            return
        modal = OpenModal(opened["view"]["id"], checking.title)
        self.run(request, modal, partial(fill, request, modal))

    def run(self, request: SlackRequest, modal: OpenModal, work: Callable[[], None]) -> None:
        """Work in the background. If that fails, the modal says why: else it would say "Checking ..." for ever."""
        self.background.run(request, work, partial(self._tell_error, request, modal))

    def _tell_error(self, request: SlackRequest, modal: OpenModal, error: Document) -> None:
        try:
            self.say(request, modal, error)
        except SlackError:
            self.responder.report_error(request, error)

    def record_wrong_input(self, body: Mapping[str, Any], forms: Forms, action: Action) -> None:
        """Record in the background that a field of a form was answered with an error."""
        request, click_id = SlackRequest(body["user"]["id"]), body["view"]["private_metadata"]

        def record() -> None:
            forms.record_wrong_input(self.responder.users.asker(request.user_id), action, click_id)

        self.background.run(request, record)

    def done(self, request: SlackRequest, modal: OpenModal, outcome: ActionResult | NotDone, address: str) -> None:
        """Say what came of a click, and show it where it was clicked. `address` is that of the person who clicked."""
        if isinstance(outcome, NotDone):
            self.refused(request, modal, outcome)
            if outcome.earlier is None:
                return
            result, where = outcome.earlier, outcome.offer or outcome.earlier.offer
        else:
            result, where = outcome, outcome.offer
            if modal.view_id:
                self.tell(request, modal, result_text(outcome, self.answers.zone))
        is_said = modal.view_id or isinstance(outcome, NotDone)
        is_shown = self.show([result], request, where, address)
        # What is clicked in a channel is not rendered again: only who clicked is told at once.
        if not (is_said or (is_shown and where.recipient == request.user_id)):
            self.tell(request, modal, result_text(result, self.answers.zone))

    def show(self, results: Sequence[ActionResult], request: SlackRequest, where: Offer, address: str) -> bool:
        """Show results where somebody clicked on the offer `where`, and wherever else their instances are listed.

        Returns False if that failed: they are done all the same.
        """
        try:
            self._show_there(request, where, address)
            self.refresh(results)
        except BailiffError as error:
            log.error("message.not_updated", user=request.user_id, reason=str(error))
            return False
        return True

    def refused(self, request: SlackRequest, modal: OpenModal, refused: NotDone) -> None:
        """Say why nothing was done, or what was done before, with a link to where it can be mended."""
        text, url = self.why_not(refused), refused.facts.console_url
        said = sentence(text)
        if url and refused.reason in IN_CONSOLE:
            said = replace(said, parts=(*said.parts, Buttons((link_button("Open in the AWS console", url),))))
        self.say(request, modal, said)

    def why_not(self, refused: NotDone) -> str:
        """Return why nothing was done, or what was done before."""
        if refused.earlier:
            return f"This was done before. {result_text(refused.earlier, self.answers.zone)}"
        text = refusal_sentence(refused.action, refused.reason, refused.owners, refused.facts)
        is_member = refused.reason is not Refusal.NOT_A_MEMBER  # nobody else is told what the team has
        return f"{refused.offer.title}: {text}" if refused.offer and is_member else text

    def _show_there(self, request: SlackRequest, where: Offer, address: str) -> None:
        """Render again what only the click itself can change: an answer, or a Home tab."""
        if where.message == HOME:
            self.responder.publish_home(request, self.home.after_click(request.user_id, address, where))
        elif where.message == ANSWER:
            own = ReportQuery(View.MINE, ReportFilter(owners=(address,)))
            query = query_of_value(where.query) if where.query else own
            view = self.exemption_lists.answer if query.view is View.EXEMPTIONS else self.answers.mine
            self.responder.update(request, view(query, request.user_id, address))

    def tell(self, request: SlackRequest, modal: OpenModal, text: str) -> None:
        """Say something in the modal, or privately if it was closed or there is none."""
        self.say(request, modal, sentence(text))

    def say(self, request: SlackRequest, modal: OpenModal, document: Document) -> None:
        """Show a document in the modal, or privately if that is not possible or there is none. Raises SlackError."""
        if not self._is_shown(modal, document):
            self.responder.answer(request, document)

    def _is_shown(self, modal: OpenModal, document: Document) -> bool:
        try:
            return bool(modal.view_id) and self.update(modal, Modal(modal.title, document))
        except SlackError as error:  # something may be done, so it must be said in another way
            log.error("modal.not_updated", reason=str(error))
            return False

    def update(self, opened: OpenModal, content: Modal) -> bool:
        """Replace the content of a modal. Returns False if it was closed. Raises SlackError."""
        try:
            call(self.responder.client, "views_update", view_id=opened.view_id, view=modal_view(content))
        except Refused as error:
            if error.code not in _CLOSED:
                raise
            return False
        return True
