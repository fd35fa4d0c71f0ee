"""The README and docs/settings.md describe the settings and the rules as they are."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bailiff_bot.domain.rules import RuleId
from bailiff_bot.settings.model import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """Return the table rows with three cells, by the code in their first cell."""
    lines = (line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `"))
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines if len(cells) == 3}


def shown(default: object) -> str:
    """Return a default as the table shows it."""
    if default in {None, ()}:
        return ""
    if isinstance(default, SecretStr):
        return f"`{default.get_secret_value()}`"
    return f"`{','.join(default)}`" if isinstance(default, tuple) else f"`{default}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default_and_its_description(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.alias
    assert rows(SETTINGS)[field.alias] == [shown(field.default), field.description]


def test_every_documented_setting_exists() -> None:
    known = {field.alias for field in Settings.model_fields.values()}
    assert rows(SETTINGS).keys() <= known


def test_the_readme_names_the_ten_settings_that_matter() -> None:
    named = {row: cells for row, cells in rows(README).items() if row.isupper()}
    assert len(named) == 10
    assert named.items() <= rows(SETTINGS).items()


def test_every_rule_is_in_the_readme() -> None:
    assert set(map(str, RuleId)) <= rows(README).keys()


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = [part.partition(")")[0] for part in README.split("](")[1:]]
    missing = [link for link in links if "://" not in link and not (Path(__file__).parents[2] / link).exists()]
    assert missing == []
