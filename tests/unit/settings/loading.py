"""Loads settings from variables."""

import os
from unittest.mock import patch

import pytest

from bailiff_bot.errors import SettingsError
from bailiff_bot.settings.environment import load_settings
from bailiff_bot.settings.model import Settings

PREFIXES = ("BAILIFF_", "SLACK_", "ASKBOB_")
ROLE = "arn:aws:iam::123456789012:role/Bailiff"
SECRET = "hunter2-4242"


def refusal(**variables: str) -> str:
    """Return the one line with which these variables are refused."""
    with patch.dict(os.environ, variables), pytest.raises(SettingsError) as refused:
        load_settings()
    [line] = str(refused.value).splitlines()
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return line


def load_with(**variables: str) -> Settings:
    with patch.dict(os.environ, variables):
        return load_settings()
