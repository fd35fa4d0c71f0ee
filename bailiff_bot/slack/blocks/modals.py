"""Modals as Slack views."""

from collections.abc import Mapping
from typing import Any

from slackblocks import Block, DatePicker, InputBlock, Option, PlainTextInput, RadioButtonGroup, UserSelectMenu

from bailiff_bot.messages.modal import ChoiceField, DateField, Field, LineField, Modal, TextField, UserField
from bailiff_bot.slack.blocks.elements import as_json
from bailiff_bot.slack.blocks.render import view_blocks


def modal_view(modal: Modal) -> dict[str, Any]:
    """Return a modal as a view. What a submission is about stands in `private_metadata`."""
    view = {
        "type": "modal",
        "title": _plain(modal.title),
        "close": _plain("Cancel" if modal.submit else "Close"),
        "blocks": as_json([*view_blocks(modal.document, len(modal.fields)), *map(_input, modal.fields)]),
    }
    submission = {"submit": _plain(modal.submit), "callback_id": modal.key, "private_metadata": modal.value}
    return {**view, **submission} if modal.submit else view


def submitted(values: Mapping[str, Any], name: str) -> str:
    """Return what a submission holds in a field: empty if it holds nothing, or something of another kind."""
    state = values.get(name, {}).get(name, {})
    chosen = state.get("selected_date") or state.get("selected_user")
    value = chosen or (state.get("selected_option") or {}).get("value") or state.get("value")
    return value if isinstance(value, str) else ""


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _input(field: Field) -> Block:
    match field:
        case DateField(name, label, initial, hint):
            return InputBlock(label, DatePicker(name, initial.isoformat()), block_id=name, hint=hint or None)
        case ChoiceField(name, label, choices):
            options = [Option(choice, choice) for choice in choices]
            return InputBlock(label, RadioButtonGroup(name, options, options[0]), block_id=name)
        case TextField(name, label, max_length):
            text = PlainTextInput(name, multiline=True, max_length=max_length)
            return InputBlock(label, text, block_id=name, optional=True)
        case LineField(name, label, initial, max_length):
            line = PlainTextInput(name, initial_value=initial or None, max_length=max_length)
            return InputBlock(label, line, block_id=name)
        case UserField(name, label, placeholder):
            return InputBlock(label, UserSelectMenu(name, placeholder=placeholder), block_id=name)
