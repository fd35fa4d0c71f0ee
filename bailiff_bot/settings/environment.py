"""From the environment and a file `.env` to settings, or to one line that says what is wrong with them."""

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
"""What Kubernetes puts into every container beside a Service that is called bailiff."""
_URL_CREDENTIALS = re.compile(r"//[^/\s]*@|^[^/\s]*:[^/\s]*@")
"""Who logs in, in an address: that may hold a password."""
_SECRET = ("TOKEN", "SECRET", "DATABASE")
"""What the names of variables hold whose values are never shown."""


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings of the environment and of a `.env` file, whose variables yield to the environment's.

    The file's variables are put into the environment, because boto3 reads its own `AWS_*` there.

    Raises SettingsError with one line: the variable, what it holds (never a secret) and what it should be.
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
            raise SettingsError(f"{problem['msg'].removeprefix('Value error, ')}: unset one.") from None
        variable = str(problem["loc"][0])
        raise SettingsError(f"{variable} is wrong: {_expectation(variable, problem['msg'])}.") from None


def _expectation(variable: str, message: str) -> str:
    text = message.removeprefix("Value error, ").removeprefix("Input ")
    secret = any(word in variable for word in _SECRET)
    held = _URL_CREDENTIALS.sub("//...@", os.environ.get(variable, ""))
    return f"it {text}" if secret else f"{held!r} {text}"


def _reject_unknown(names: Iterable[str]) -> None:
    known = [field.alias for field in Settings.model_fields.values() if field.alias]
    for name in sorted(names):
        if name.startswith("BAILIFF_") and name not in known and not _KUBERNETES.match(name):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "see the README for those there are."
            raise SettingsError(f"{name} is no setting of Bailiff: {hint}")
