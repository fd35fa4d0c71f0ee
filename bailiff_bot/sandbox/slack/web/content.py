"""Checks the content of a message from a method, a response URL or an acknowledgement."""

from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments

MAX_TEXT_LENGTH = 40_000
"""Slack cuts a longer text and does not reject it."""
MAX_ATTACHMENTS = 100
MAX_METADATA_LENGTH = 8_000


@dataclass(frozen=True, slots=True)
class MessageContent:
    """The accepted content of a message."""

    text: str
    blocks: tuple[Json, ...]
    attachments: tuple[Json, ...]


def checked_content(arguments: Arguments) -> MessageContent:
    """Return the content of the message in the arguments. Raises ApiError if it is empty or breaks a rule."""
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
    """Raise ApiError, with every problem, if the blocks of a message break a rule."""
    found = problems(blocks, "message")
    if found:
        raise ApiError(found[0].rule, [problem.to_slack_message() for problem in found])


def checked_metadata(arguments: Arguments) -> Json | None:
    """Return the metadata of the message, or None. Raises ApiError."""
    metadata = arguments.mapping("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    well_formed = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not well_formed or not metadata["event_type"] or not metadata.keys() <= {"event_type", "event_payload"}:
        raise ApiError("invalid_metadata_format")
    if len(str(metadata)) > MAX_METADATA_LENGTH:
        raise ApiError("metadata_too_large")
    return metadata
