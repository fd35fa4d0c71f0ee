"""Examples of every kind of block that the page draws, and of one that it does not know."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def text_element(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def button(text: str, action_id: str, **fields: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **fields}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name.capitalize()), "value": name} for name in names]


CONFIRM: Json = {
    "title": plain("Stop agr-gpu-training?"),
    "text": mrkdwn("`i-0123` in *111122223333*, eu-west-1. It can be started again."),
    "confirm": plain("Stop it"),
    "deny": plain("Leave it"),
    "style": "danger",
}
MARKUP = (
    "*bold* _italic_ ~strike~ `code <tag>` :tada: <https://docs.example/a?b=1&amp;c=2|a link>, <@U0HRO00003>, "
    "<#C0GENERAL2|general>, <!here>, <!date^1700000000^{date_short} at {time}|then>, 2*3*4, snake_case_name\n"
    "&gt; quoted &amp; *bold*\n```preformatted *not bold*\n  indented```after"
)
TEXTS: list[Json] = [
    {"type": "header", "text": plain("Everything that is drawn :eyes:")},
    {"type": "section", "text": mrkdwn(MARKUP)},
    {
        "type": "section",
        "fields": [mrkdwn("*Type*\nt3.medium"), mrkdwn("*Region*\neu-west-1"), plain("*plain* text")],
        "accessory": button("Details", "details"),
    },
    {"type": "divider"},
    {"type": "image", "image_url": "https://pictures.example/cat.png", "alt_text": "A cat", "title": plain("Cat")},
    {
        "type": "context",
        "elements": [
            {"type": "image", "image_url": "https://pictures.example/i.png", "alt_text": "An icon"},
            mrkdwn("small *print*"),
        ],
    },
]
RICH: list[Json] = [
    rich_text(
        rich_section(
            text_element("bold", bold=True),
            text_element(" italic", italic=True),
            text_element(" strike", strike=True),
            text_element(" code", code=True),
            text_element(" under", underline=True),
            text_element(" "),
            {"type": "link", "url": "https://docs.example/", "text": "link"},
            {"type": "emoji", "name": "wave"},
            {"type": "emoji", "name": "crab", "unicode": "1f980"},
            {"type": "user", "user_id": "U0AGR00001"},
            {"type": "channel", "channel_id": "C0GENERAL2"},
            {"type": "broadcast", "range": "channel"},
            {"type": "color", "value": "#b3521a"},
            {"type": "date", "timestamp": 1700000000, "format": "{date_long}", "fallback": "then"},
        ),
        {"type": "rich_text_list", "style": "ordered", "border": 1, "elements": [rich_section(text_element("first"))]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [rich_section(text_element("nested"))]},
        {"type": "rich_text_quote", "elements": [text_element("a quote")]},
        {"type": "rich_text_preformatted", "elements": [text_element("preformatted\n  text")]},
    ),
]
ACTIONS: list[Json] = [
    {
        "type": "actions",
        "block_id": "first",
        "elements": [
            button("Keep", "keep", style="primary", value="1"),
            button("Stop", "stop", style="danger", confirm=CONFIRM),
            button("Documentation", "docs", url="https://docs.example/"),
            {
                "type": "static_select",
                "action_id": "days",
                "placeholder": plain("For how long"),
                "options": options("week", "month"),
            },
            {"type": "overflow", "action_id": "more", "options": options("snooze", "exempt")},
            {"type": "users_select", "action_id": "who", "placeholder": plain("Whose")},
            {"type": "datepicker", "action_id": "until", "initial_date": "2026-01-31"},
        ],
    },
    {"type": "actions", "block_id": "second", "elements": [button("Keep the other", "keep", value="2")]},
]


def data_table(row_count: int = 12, page_size: int = 5) -> Json:
    """Return a table whose names sort in another order than its numbers."""
    header = [{"type": "raw_text", "text": name} for name in ("Name", "Days", "Instance")]
    rows = [
        [
            {"type": "raw_text", "text": f"name-{(number * 7) % row_count:02}"},
            {"type": "raw_number", "value": number * 9, "text": f"{number * 9} d"},
            rich_text(
                rich_section({"type": "link", "url": f"https://console.example/{number}", "text": f"i-{number:03}"})
            ),
        ]
        for number in range(row_count)
    ]
    return {
        "type": "data_table",
        "caption": "Instances",
        "page_size": page_size,
        "row_header_column_index": 0,
        "rows": [header, *rows],
    }


TABLE: Json = {
    "type": "table",
    "column_settings": [{"align": "left"}, {"align": "right", "is_wrapped": False}],
    "rows": [
        [{"type": "raw_text", "text": "Owner"}, {"type": "raw_text", "text": "Costs"}],
        [{"type": "raw_text", "text": "Ada"}, rich_text(rich_section(text_element("12 €", bold=True)))],
    ],
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def chart(kind: str) -> Json:
    series = [
        {"name": name, "data": [{"label": day, "value": first_value + 3 * index} for index, day in enumerate(DAYS)]}
        for name, first_value in (("Running", 12), ("Stopped", 4), ("Exempt", -3))
    ]
    axes = {"categories": list(DAYS), "x_label": "Day", "y_label": "Instances"}
    definition: Json = {"type": kind, "series": series, "axis_config": axes}
    return {"type": "data_visualization", "title": f"A week as {kind}", "chart": definition}


PIE: Json = {
    "type": "data_visualization",
    "title": "By state",
    "chart": {
        "type": "pie",
        "segments": [{"label": "Running", "value": 21}, {"label": "Stopped", "value": 9}, {"label": "Odd", "value": 1}],
    },
}
UNKNOWN: Json = {"type": "carousel", "elements": [{"type": "card", "title": plain("Not drawn")}]}

MODAL: Json = {
    "type": "modal",
    "title": plain("Keep an instance"),
    "submit": plain("Keep it"),
    "close": plain("Cancel"),
    "callback_id": "keep_form",
    "blocks": [
        {"type": "section", "text": mrkdwn("Why is *agr-gpu-training* still needed?")},
        {
            "type": "input",
            "block_id": "reason_block",
            "label": plain("Reason"),
            "hint": plain("Everybody sees it"),
            "element": {"type": "plain_text_input", "action_id": "reason", "multiline": True, "max_length": 200},
        },
        {
            "type": "input",
            "block_id": "until_block",
            "label": plain("Until"),
            "optional": True,
            "element": {"type": "datepicker", "action_id": "until"},
        },
        {
            "type": "input",
            "block_id": "whose_block",
            "label": plain("Whose"),
            "element": {"type": "static_select", "action_id": "whose", "options": options("mine", "ours")},
        },
        {
            "type": "input",
            "block_id": "flags_block",
            "label": plain("And"),
            "optional": True,
            "element": {"type": "checkboxes", "action_id": "flags", "options": options("remind", "tell")},
        },
    ],
}
