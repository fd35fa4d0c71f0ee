"""The rules of Block Kit that a message or a view can break."""

from bailiff_bot.sandbox.slack.error_definition import BLOCKS, DOCS, ELEMENTS, OBJECTS, UNDOCUMENTED, ErrorDefinition


def _rule(rule: str, meaning: str, source: str, code: str = "invalid_blocks") -> ErrorDefinition:
    return ErrorDefinition(code, meaning, source, rule)


BLOCK_ERRORS = (
    _rule(
        "type.unknown",
        "The block or element does not exist, or is not allowed here.",
        DOCS + "reference/block-kit/blocks",
    ),
    # Slack's newer pages allow input blocks in messages, its older ones do not, and a message with one was refused.
    _rule(
        "type.surface",
        "The block is for another surface: `alert` for modals, `input` for modals and the Home tab.",
        "https://github.com/slackapi/python-slack-sdk/issues/1257",
    ),
    _rule("value.missing", "A required field is missing.", "https://github.com/slackapi/java-slack-sdk/pull/302"),
    _rule("value.either", "None of several alternative fields is present.", BLOCKS + "section-block"),
    _rule("value.both", "Two fields of which Slack accepts only one.", ELEMENTS + "select-menu-element"),
    _rule("value.date", "Not a date (YYYY-MM-DD), or not a time (HH:mm).", ELEMENTS + "date-picker-element"),
    _rule("option.initial", "An initial option that is not one of the options.", ELEMENTS + "select-menu-element"),
    _rule("value.unknown", "An unknown field.", UNDOCUMENTED),
    _rule("value.kind", "The wrong type, such as a string instead of an object.", DOCS + "reference/block-kit/blocks"),
    _rule("value.choice", "A value that is not allowed, such as `style: big`.", ELEMENTS + "button-element"),
    _rule("value.range", "A number out of its range.", BLOCKS + "data-table-block"),
    _rule("value.url", "Not a URL.", ELEMENTS + "button-element"),
    _rule("text.empty", "An empty text.", OBJECTS + "text-object"),
    _rule("text.long", "A text with too many characters.", OBJECTS + "text-object"),
    _rule("items.many", "A list with too many items.", BLOCKS + "actions-block"),
    _rule("items.few", "A list with too few items.", BLOCKS + "data-table-block"),
    _rule("id.block", "Two blocks have the same block_id.", DOCS + "reference/block-kit/blocks"),
    _rule("id.action", "Two elements of a block have the same action_id.", ELEMENTS + "button-element"),
    _rule("table.ragged", "Rows of different lengths.", BLOCKS + "data-table-block"),
    _rule("table.header", "Rich text in a header.", BLOCKS + "data-table-block"),
    _rule("table.row_header", "The row header is a column that does not exist.", UNDOCUMENTED),
    _rule("table.long", "More than 10,000 characters in all the message's cells.", BLOCKS + "data-table-block"),
    _rule("table.one", "A second `table` in a message.", "https://github.com/vercel/chat/pull/194"),
    _rule("chart.many", "More than 2 charts in a message.", BLOCKS + "data-visualization-block"),
    _rule(
        "chart.labels",
        "The labels of a series are not the categories of the axis.",
        BLOCKS + "data-visualization-block",
    ),
    _rule("chart.names", "Two series with the same name.", BLOCKS + "data-visualization-block"),
    _rule(
        "view.submit",
        "A modal with inputs but without submit.",
        DOCS + "reference/views/modal-views",
        "invalid_arguments",
    ),
    _rule(
        "blocks.long",
        "All the text in the blocks, cells included, is more than 12,000 characters.",
        "https://github.com/slackapi/bolt-js/issues/2509",
        "msg_blocks_too_long",
    ),
)
