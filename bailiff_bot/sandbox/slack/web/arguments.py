"""The arguments of a call, from the query, a JSON body or a form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments by name. Values of a form are strings, values of JSON have types; the methods accept both."""

    values: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return the argument as text."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return True if the argument is true, in JSON or in a form."""
        return self.values.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, maximum: int) -> int:
        """Return an integer from 1 to `maximum`. Raises ApiError for other values."""
        try:
            value = int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise ApiError("invalid_limit") from None
        if not 1 <= value <= maximum:
            raise ApiError("invalid_limit")
        return value

    def objects(self, name: str, error: str) -> list[Json]:
        """Return a list of JSON objects, also if it was sent as a string. Raises ApiError for other values."""
        value = self._decoded(name, error)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ApiError(error)
        return value

    def mapping(self, name: str, error: str) -> Json | None:
        """Return a JSON object, also if it was sent as a string; None if it is absent. Raises ApiError."""
        value = self._decoded(name, error)
        if value is None or isinstance(value, dict):
            return value
        raise ApiError(error, [f"must provide an object [json-pointer:/{name}]"])

    def _decoded(self, name: str, error: str) -> Any:
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value, parse_constant=_reject_constant)
        except ValueError:
            raise ApiError(error) from None


async def read_arguments(request: web.Request) -> Json:
    """Return the arguments of a request; the body overrides the query."""
    return dict(request.query) | await _body(request)


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:  # slack_sdk sends auth.test as JSON with an empty body
        return {}
    if request.content_type in _FORM_TYPES:
        return await _form(request)
    if request.content_type == "application/json":
        return parse_object(await request.read())
    raise ApiError("invalid_post_type")


async def _form(request: web.Request) -> Json:
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, HttpProcessingError):
        raise ApiError("invalid_form_data") from None


def _reject_constant(name: str) -> None:
    # Python's json accepts NaN and Infinity, which are not valid JSON.
    raise ValueError(f"{name} is no JSON")


def parse_object(raw: bytes) -> Json:
    """Return the JSON object of a body. Raises ApiError."""
    try:
        body = json.loads(raw, parse_constant=_reject_constant)
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body
