"""*Delete* and its form."""

from collections.abc import Mapping
from datetime import tzinfo
from functools import partial

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.click import Click
from bailiff_bot.messages.buttons import DELETE
from bailiff_bot.messages.delete_modal import CONFIRMATION, DELETE_FORM, TITLE, WRONG_CONFIRMATION, delete_form
from bailiff_bot.messages.modal import Modal
from bailiff_bot.slack.blocks.modals import submitted
from bailiff_bot.slack.handlers.form_actions import FormAction, Values
from bailiff_bot.usecases.asked import NotDone
from bailiff_bot.usecases.deleting import Deleting


def delete_action(deleting: Deleting, zone: tzinfo, triage: str, note: str) -> FormAction:
    """Return the action for its handlers.

    `zone` is the time zone of times, `triage` the channel that is told, if any; `note` is what its form ends with.
    """
    fill, act, errors = partial(_fill, deleting, zone, triage), partial(_request, deleting), partial(_errors, deleting)
    return FormAction(Action.DELETE, DELETE, DELETE_FORM, TITLE, deleting.forms, fill, act, note, errors)


def _fill(deleting: Deleting, zone: tzinfo, triage: str, asker: Asker, click: Click) -> Modal | NotDone:
    form = deleting.form(asker, click)
    if isinstance(form, NotDone):
        return form
    return delete_form(
        click.id,
        form.offer.title,
        form.instance_id,
        form.details,
        form.warnings,
        form.due_at,
        zone,
        triage=triage,
        makes_image=form.makes_image,
    )


def _errors(deleting: Deleting, values: Values, click_id: str, user_id: str) -> Mapping[str, str]:
    is_confirmed = deleting.is_confirmation(click_id, user_id, submitted(values, CONFIRMATION))
    return {} if is_confirmed else {CONFIRMATION: WRONG_CONFIRMATION}


def _request(deleting: Deleting, asker: Asker, click: Click, values: Values) -> ActionResult | NotDone:
    return deleting.request(asker, click.offer, submitted(values, CONFIRMATION))
