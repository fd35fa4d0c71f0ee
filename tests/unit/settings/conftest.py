"""An environment without settings for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.unit.settings.loading import PREFIXES


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Use an empty folder and an environment without settings, and restore the environment afterwards."""
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.upper().startswith(PREFIXES)]:
            del os.environ[name]
        yield
