"""What a message may hold, wherever it comes in: a method, a response address, an acknowledgement."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments

MAX_TEXT_LENGTH = 40_000
"""A longer text is cut, not refused."""
MAX_ATTACHMENTS = 100
MAX_METADATA_LENGTH = 8_000


@dataclass(frozen=True, slots=True)
class MessageContent:
    """Text and blocks that Slack has taken."""

    text: str
    blocks: tuple[Json, ...]
    attachments: tuple[Json, ...]


def checked_content(arguments: Arguments) -> MessageContent:
    """Return the message in the arguments; refused when it is empty or breaks a rule."""
    blocks = arguments.objects("blocks", "invalid_blocks_format")
    attachments = arguments.objects("attachments", "invalid_attachments")
    text = arguments.text("text")[:MAX_TEXT_LENGTH]
    if not (text or blocks or attachments):
        raise ApiError("no_text")
    if len(attachments) > MAX_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    check_blocks(blocks)
    return MessageContent(text, tuple(blocks), tuple(attachments))


def check_blocks(blocks: list[Json]) -> None:
    """Refuse a message's blocks that break a rule, with every problem and where it is."""
    found = problems(blocks, "message")
    if found:
        raise ApiError(found[0].rule, [problem.to_slack_message() for problem in found])


def checked_metadata(arguments: Arguments) -> Json | None:
    """Return the metadata to keep with the message."""
    given = arguments.mapping("metadata", "invalid_metadata_format")
    if given is None:
        return None
    well_formed = isinstance(given.get("event_type"), str) and isinstance(given.get("event_payload"), dict)
    if not well_formed or not given["event_type"] or not given.keys() <= {"event_type", "event_payload"}:
        raise ApiError("invalid_metadata_format")
    if len(str(given)) > MAX_METADATA_LENGTH:
        raise ApiError("metadata_too_large")
    return given
