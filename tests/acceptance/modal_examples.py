"""Modals with every kind of input, and a message of instances with buttons."""

from typing import Any

from tests.acceptance.block_examples import button, mrkdwn, options, plain

Json = dict[str, Any]


def input_block(block_id: str, label: str, element: Json, **fields: Any) -> Json:
    item = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": item, **fields}


REASONS = options("demo", "waiting", "other")
REASON = input_block(
    "reason", "Why", {"type": "static_select", "options": REASONS, "initial_option": REASONS[0]}, dispatch_action=True
)
OWN_WORDS = input_block("words", "Own words", {"type": "plain_text_input", "max_length": 300}, optional=True)
UNTIL = input_block("until", "Until when", {"type": "datepicker", "initial_date": "2026-02-28"})
REMINDERS = input_block("remind", "Remind me", {"type": "checkboxes", "options": options("day", "week")})
OTHERS: list[Json] = [
    input_block("at", "At", {"type": "timepicker", "initial_time": "09:30"}, optional=True),
    input_block("whose", "Whose", {"type": "users_select"}, optional=True),
    input_block("notes", "Notes", {"type": "rich_text_input"}, optional=True),
    input_block("how", "How", {"type": "radio_buttons", "options": options("keep", "snooze")}, optional=True),
    input_block(
        "region",
        "Region",
        {"type": "static_select", "option_groups": [{"label": plain("Europe"), "options": options("paris", "dublin")}]},
        optional=True,
    ),
]


def keep_modal(*blocks: Json, title: str = "Keep an instance", **fields: Any) -> Json:
    view = {"type": "modal", "callback_id": "keep_form", "title": plain(title), "submit": plain("Keep it")}
    return view | {"close": plain("Cancel"), "blocks": list(blocks), **fields}


def instance_blocks(name: str) -> list[Json]:
    """Return a section and a row of buttons: what the message says of one instance."""
    menu = {"type": "overflow", "action_id": "more", "options": options("not mine", "why?")}
    return [
        {"type": "section", "text": mrkdwn(f"*{name}*: stopped for 112 days")},
        {
            "type": "actions",
            "elements": [
                button("Delete it", "console", url=f"https://console.example/{name}"),
                button("Keep", "keep", value=name),
                menu,
            ],
        },
    ]


ALL_BUTTON: Json = {
    "type": "actions",
    "elements": [button("Show all", "all", url="slack://app?team=T0OCTO0001&id=A0BAILIFF1&tab=home")],
}
PICKERS: Json = {
    "type": "actions",
    "block_id": "pickers",
    "elements": [
        {"type": "checkboxes", "action_id": "flags", "options": options("mine", "ours")},
        {"type": "datepicker", "action_id": "until", "initial_date": "2026-01-31"},
        {
            "type": "static_select",
            "action_id": "days",
            "placeholder": plain("For how long"),
            "options": options("week", "month"),
        },
        {"type": "users_select", "action_id": "who", "placeholder": plain("Whose")},
    ],
}
