"""blocks.validate: a check of a message's blocks."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.web.content import check_blocks
from bailiff_bot.sandbox.slack.web.method_call import MethodCall


def validate(call: MethodCall) -> Json:
    """blocks.validate: return nothing if the blocks are valid. Raises ApiError with every problem."""
    check_blocks(call.arguments.objects("blocks", "invalid_blocks_format"))
    return {}
