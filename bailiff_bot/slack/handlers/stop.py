"""*Stop* and its form."""

from functools import partial

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.messages.buttons import STOP
from bailiff_bot.messages.modal import Modal
from bailiff_bot.messages.stop_modal import STOP_FORM, TITLE, stop_form
from bailiff_bot.slack.handlers.form_actions import FormAction, Values
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.stopping import Stopping


def stop_action(stopping: Stopping, note: str) -> FormAction:
    """Return the action for its handlers. `note` is what its form ends with."""
    fill, act = partial(_fill, stopping), partial(_stop, stopping)
    return FormAction(Action.STOP, STOP, STOP_FORM, TITLE, stopping.forms, fill, act, note)


def _fill(stopping: Stopping, asker: Asker, click: Click) -> Modal | NotDone:
    form = stopping.form(asker, click)
    return form if isinstance(form, NotDone) else stop_form(click.id, form.offer.title, form.warnings)


def _stop(stopping: Stopping, asker: Asker, click: Click, _values: Values) -> ActionResult | NotDone:
    return stopping.stop(asker, click.offer)
