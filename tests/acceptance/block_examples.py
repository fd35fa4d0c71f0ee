"""One message with every kind of block that the page draws, and others with what it has to be careful with."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def line(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str, **style: bool) -> Json:
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
    rich(
        line(
            words("bold", bold=True),
            words(" italic", italic=True),
            words(" strike", strike=True),
            words(" code", code=True),
            words(" under", underline=True),
            words(" "),
            {"type": "link", "url": "https://docs.example/", "text": "link"},
            {"type": "emoji", "name": "wave"},
            {"type": "emoji", "name": "crab", "unicode": "1f980"},
            {"type": "user", "user_id": "U0AGR00001"},
            {"type": "channel", "channel_id": "C0GENERAL2"},
            {"type": "broadcast", "range": "channel"},
            {"type": "color", "value": "#b3521a"},
            {"type": "date", "timestamp": 1700000000, "format": "{date_long}", "fallback": "then"},
        ),
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [line(words("third"))]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [line(words("nested"))]},
        {"type": "rich_text_quote", "elements": [words("a quote")]},
        {"type": "rich_text_preformatted", "elements": [words("preformatted\n  text")]},
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


def data_table(count: int = 12, page_size: int = 5) -> Json:
    """A table whose words and whose numbers sort differently."""
    head = [{"type": "raw_text", "text": name} for name in ("Name", "Days", "Instance")]
    rows = [
        [
            {"type": "raw_text", "text": f"name-{(number * 7) % count:02}"},
            {"type": "raw_number", "value": number * 9, "text": f"{number * 9} d"},
            rich(line({"type": "link", "url": f"https://console.example/{number}", "text": f"i-{number:03}"})),
        ]
        for number in range(count)
    ]
    return {
        "type": "data_table",
        "caption": "Instances",
        "page_size": page_size,
        "row_header_column_index": 0,
        "rows": [head, *rows],
    }


TABLE: Json = {
    "type": "table",
    "column_settings": [{"align": "left"}, {"align": "right", "is_wrapped": False}],
    "rows": [
        [{"type": "raw_text", "text": "Owner"}, {"type": "raw_text", "text": "Costs"}],
        [{"type": "raw_text", "text": "Ada"}, rich(line(words("12 €", bold=True)))],
    ],
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def chart(kind: str) -> Json:
    series = [
        {"name": name, "data": [{"label": day, "value": start + 3 * at} for at, day in enumerate(DAYS)]}
        for name, start in (("Running", 12), ("Stopped", 4), ("Exempt", -3))
    ]
    axes = {"categories": list(DAYS), "x_label": "Day", "y_label": "Instances"}
    drawn: Json = {"type": kind, "series": series, "axis_config": axes}
    return {"type": "data_visualization", "title": f"A week as {kind}", "chart": drawn}


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
