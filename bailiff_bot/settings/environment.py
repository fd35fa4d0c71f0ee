"""Reads the settings from the environment and a file `.env`, or raises an error of one line."""

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from dotenv import load_dotenv
from pydantic import ValidationError

from bailiff_bot.errors import SettingsError
from bailiff_bot.settings.model import Settings

_KUBERNETES = re.compile(r"BAILIFF_(SERVICE|PORT)(_|$)")
"""Variables that Kubernetes sets in every container if there is a Service named bailiff."""
_URL_CREDENTIALS = re.compile(r"//[^/\s]*@|^[^/\s]*:[^/\s]*@")
"""The user part of a URL, which may contain a password."""
_SECRET_WORDS = ("TOKEN", "SECRET", "DATABASE")
"""If the name of a variable contains one of these words, its value is never shown."""


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings from the environment and a `.env` file. The environment takes precedence.

    The file's variables are also set in the environment of this process, because boto3 reads its `AWS_*` variables
    there.

    Raises SettingsError with one line: the variable, its value (never a secret) and what it should be.
    """
    try:
        load_dotenv(env_file, override=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read ({error}): it should be a text file in UTF-8.") from None
    _reject_unknown(os.environ.keys())
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        if not problem["loc"]:
            raise SettingsError(f"{problem['msg'].removeprefix('Value error, ')}.") from None
        variable = str(problem["loc"][0])
        raise SettingsError(f"{variable} is wrong: {_expectation(variable, problem['msg'])}.") from None


def _expectation(variable: str, message: str) -> str:
    """Return pydantic's message as text that continues "VARIABLE is wrong: ", with the value unless it is secret."""
    text = message.removeprefix("Value error, ").removeprefix("Input ")
    secret = any(word in variable for word in _SECRET_WORDS)
    value = _URL_CREDENTIALS.sub("//...@", os.environ.get(variable, ""))
    return f"it {text}" if secret else f"{value!r} {text}"


def _reject_unknown(names: Iterable[str]) -> None:
    """Raise SettingsError for a variable `BAILIFF_*` that no setting reads."""
    known_variables = [field.alias for field in Settings.model_fields.values() if field.alias]
    for name in sorted(names):
        if name.startswith("BAILIFF_") and name not in known_variables and not _KUBERNETES.match(name):
            close = difflib.get_close_matches(name, known_variables, n=1)
            hint = f"did you mean {close[0]}?" if close else "docs/settings.md lists all."
            raise SettingsError(f"{name} is not a setting of Bailiff: {hint}")
