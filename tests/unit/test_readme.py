"""The README describes the settings and the rules as they are."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bailiff_bot.domain.rules import RuleId
from bailiff_bot.settings.model import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in README.splitlines()
    if line.startswith("| `") and len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 3
}


def shown(default: object) -> str:
    """Return a default as the table shows it."""
    if default in {None, ()}:
        return ""
    if isinstance(default, SecretStr):
        return f"`{default.get_secret_value()}`"
    return f"`{','.join(default)}`" if isinstance(default, tuple) else f"`{default}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme_with_its_default_and_its_description(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.alias
    assert ROWS[field.alias] == [shown(field.default), field.description]


def test_every_setting_of_the_readme_exists() -> None:
    known = {field.alias for field in Settings.model_fields.values()}
    assert {row for row in ROWS if row.isupper()} <= known


def test_every_rule_is_in_the_readme() -> None:
    assert set(map(str, RuleId)) <= set(ROWS)


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = [part.partition(")")[0] for part in README.split("](")[1:]]
    missing = [link for link in links if "://" not in link and not (Path(__file__).parents[2] / link).exists()]
    assert missing == []
