"""*Rename* and its form."""

from collections.abc import Mapping
from functools import partial

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.messages.buttons import RENAME
from bailiff_bot.messages.modal import Modal
from bailiff_bot.messages.rename_modal import NAME, RENAME_FORM, TITLE, WRONG_NAME, rename_form
from bailiff_bot.slack.blocks.modals import submitted
from bailiff_bot.slack.handlers.form_actions import FormAction, Values
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.renaming import Renaming


def rename_action(renaming: Renaming, note: str) -> FormAction:
    """Return the action for its handlers. `note` is what its form ends with."""
    fill, act, errors = partial(_fill, renaming), partial(_rename, renaming), partial(_errors, renaming)
    return FormAction(Action.RENAME, RENAME, RENAME_FORM, TITLE, renaming.forms, fill, act, note, errors)


def _fill(renaming: Renaming, asker: Asker, click: Click) -> Modal | NotDone:
    form = renaming.form(asker, click)
    if isinstance(form, NotDone):
        return form
    return rename_form(click.id, form.offer.title, form.initial, form.identifiers)


def _errors(renaming: Renaming, values: Values, _click_id: str, _user_id: str) -> Mapping[str, str]:
    return {NAME: WRONG_NAME} if renaming.is_wrong(submitted(values, NAME)) else {}


def _rename(renaming: Renaming, asker: Asker, click: Click, values: Values) -> ActionResult | NotDone:
    return renaming.rename(asker, click.offer, submitted(values, NAME))
