"""The arguments of a call, however they were sent: in the address, as JSON, as a form."""

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
    """Arguments by name; a form's values are all text, JSON's have types, and both mean the same."""

    values: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return the argument as text."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Whether the argument is true, as JSON or forms say it."""
        return self.values.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, maximum: int) -> int:
        """Return a whole number from 1 to `largest`."""
        try:
            value = int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise ApiError("invalid_limit") from None
        if not 1 <= value <= maximum:
            raise ApiError("invalid_limit")
        return value

    def objects(self, name: str, error: str) -> list[Json]:
        """Return a list of JSON objects, perhaps sent as a text; refused when it is anything else."""
        value = self._decoded(name, error)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ApiError(error)
        return value

    def mapping(self, name: str, error: str) -> Json | None:
        """Return a JSON object, perhaps sent as a text; None when it is absent."""
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
    """Return what a request carries: its query, then its body over it."""
    return dict(request.query) | await _body(request)


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:  # slack_sdk sends auth.test as JSON with nothing in it
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
    # Python writes and reads NaN and Infinity; JSON has neither.
    raise ValueError(f"{name} is no JSON")


def parse_object(raw: bytes) -> Json:
    """Return a JSON object out of a body."""
    try:
        body = json.loads(raw, parse_constant=_reject_constant)
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body
