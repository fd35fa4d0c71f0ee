"""*Not mine* and its form."""

from collections.abc import Mapping
from datetime import tzinfo
from functools import partial

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.messages.buttons import NOT_MINE
from bailiff_bot.messages.modal import Modal
from bailiff_bot.messages.not_mine_modal import HINT, NOT_MINE_FORM, TITLE, WRONG_HINT, not_mine_form
from bailiff_bot.slack.blocks.modals import submitted
from bailiff_bot.slack.handlers.form_actions import FormAction, Values
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.not_mine import NotMine


def not_mine_action(not_mine: NotMine, triage: str, zone: tzinfo) -> FormAction:
    """Return the action for its handlers. `triage` is the channel that is told; `zone` is the time zone of times."""
    fill, act, errors = partial(_fill, not_mine, triage, zone), partial(_disclaim, not_mine), partial(_errors, not_mine)
    return FormAction(Action.NOT_MINE, NOT_MINE, NOT_MINE_FORM, TITLE, not_mine.forms, fill, act, errors=errors)


def _fill(not_mine: NotMine, triage: str, zone: tzinfo, asker: Asker, click: Click) -> Modal | NotDone:
    form = not_mine.form(asker, click)
    if isinstance(form, NotDone):
        return form
    return not_mine_form(click.id, form.offer.title, triage, form.until, zone)


def _errors(not_mine: NotMine, values: Values, _click_id: str, _user_id: str) -> Mapping[str, str]:
    return {} if not_mine.is_acceptable(submitted(values, HINT)) else {HINT: WRONG_HINT}


def _disclaim(not_mine: NotMine, asker: Asker, click: Click, values: Values) -> ActionResult | NotDone:
    return not_mine.disclaim(asker, click, submitted(values, HINT))
