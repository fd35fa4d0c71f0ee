"""The arguments of a call, however they were sent: in the address, as JSON, as a form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import Refused

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments by name; a form's values are all text, JSON's have types, and both mean the same."""

    given: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return the argument as text."""
        value = self.given.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Whether the argument is true, as JSON or forms say it."""
        return self.given.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, largest: int) -> int:
        """Return a whole number from 1 to `largest`."""
        try:
            value = int(self.given.get(name) or default)
        except (TypeError, ValueError):
            raise Refused("invalid_limit") from None
        if not 1 <= value <= largest:
            raise Refused("invalid_limit")
        return value

    def objects(self, name: str, refusal: str) -> list[Json]:
        """Return a list of JSON objects, perhaps sent as a text; refused when it is anything else."""
        value = self._decoded(name, refusal)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Refused(refusal)
        return value

    def mapping(self, name: str, refusal: str) -> Json | None:
        """Return a JSON object, perhaps sent as a text; None when it is absent."""
        value = self._decoded(name, refusal)
        if value is None or isinstance(value, dict):
            return value
        raise Refused(refusal, [f"must provide an object [json-pointer:/{name}]"])

    def _decoded(self, name: str, refusal: str) -> Any:
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value, parse_constant=_no_number)
        except ValueError:
            raise Refused(refusal) from None


async def read(request: web.Request) -> Json:
    """Return what a request carries: its query, then its body over it."""
    return dict(request.query) | await _body(request)


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:  # slack_sdk sends auth.test as JSON with nothing in it
        return {}
    if request.content_type in _FORMS:
        return await _form(request)
    if request.content_type == "application/json":
        return parsed_object(await request.read())
    raise Refused("invalid_post_type")


async def _form(request: web.Request) -> Json:
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, HttpProcessingError):
        raise Refused("invalid_form_data") from None


def _no_number(name: str) -> None:
    # Python writes and reads NaN and Infinity; JSON has neither.
    raise ValueError(f"{name} is no JSON")


def parsed_object(raw: bytes) -> Json:
    """Return a JSON object out of a body."""
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("json_not_object")
    return body
