"""The errors of this local Slack, in one table: the code, its meaning, and where it is documented.

The URL says where to look the error or the rule up. It is not a proof: none of this was run against Slack itself.
"""

from types import MappingProxyType

from bailiff_bot.sandbox.slack.api_errors import API_ERRORS
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.block_errors import BLOCK_ERRORS
from bailiff_bot.sandbox.slack.error_definition import ErrorDefinition

__all__ = ["ERROR_DEFINITIONS", "ApiError", "ErrorDefinition"]

ERROR_DEFINITIONS = MappingProxyType({definition.name: definition for definition in (*API_ERRORS, *BLOCK_ERRORS)})
"""Every error, by its name."""


class ApiError(Exception):
    """An error response to a call: HTTP 200, `ok: false` and the code."""

    def __init__(self, name: str, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(name)
        self.definition = ERROR_DEFINITIONS[name]
        self._messages = messages or []
        self._extra = extra

    def response_body(self) -> Json:
        """Return the body of the response, with the text and JSON pointer of each problem."""
        body: Json = {"ok": False, "error": self.definition.code, **self._extra}
        if self._messages:
            body["errors"] = self._messages
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self._messages]}
        return body
