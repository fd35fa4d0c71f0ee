"""Reads people from Askbob: the members of all teams, or of the configured ones."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bailiff_bot.directory.askbob_client import AskbobClient, AskbobError
from bailiff_bot.directory.entries import DirectoryEntry, parse_address, parse_identifier
from bailiff_bot.domain.identity import People, people_from_entries

DEADLINE = 30.0
"""Seconds after which no further team is read."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team of Askbob."""

    id: int
    code_name: str


class AskbobDirectory:
    """The directory in Askbob. A team that cannot be read is a gap; the other teams count.

    Arguments: the client, the code names of the teams to read (none: all), a monotonic clock in seconds.
    """

    def __init__(
        self, client: AskbobClient, teams: Iterable[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._team_names = tuple(teams)
        self._clock = clock

    def people(self) -> People:
        """Return the members of the teams. What could not be read is a gap."""
        deadline = self._clock() + DEADLINE
        entries: list[DirectoryEntry] = []
        gaps: list[str] = []
        for team in self._teams(gaps):
            if self._clock() >= deadline:
                gaps.append(f"Askbob was too slow: team {team.code_name} was not read")
            else:
                entries.extend(self._members(team, gaps))
        if not entries and not gaps:
            gaps.append("Askbob lists no people")
        return people_from_entries(entries, gaps)

    def _teams(self, gaps: list[str]) -> list[Team]:
        """Return the teams to read, and add to `gaps` each configured team that does not exist."""
        try:
            rows = self._client.get_list("/api/v2/teams")
        except AskbobError as error:
            gaps.append(f"Askbob {error}")
            return []
        teams = [team for row in rows if (team := _team(row))]
        if len(teams) < len(rows):
            gaps.append(f"unreadable teams in Askbob: {len(rows) - len(teams)}")
        return list(self._configured_teams(teams, gaps)) if self._team_names else teams

    def _configured_teams(self, teams: list[Team], gaps: list[str]) -> Iterator[Team]:
        for name in self._team_names:
            matching = [team for team in teams if team.code_name.casefold() == name.casefold()]
            if not matching:
                gaps.append(f"Askbob has no team {name}: check ASKBOB_TEAMS")
            yield from matching

    def _members(self, team: Team, gaps: list[str]) -> Iterator[DirectoryEntry]:
        try:
            rows = self._client.get_list(f"/api/v2/teams/{team.id}/people")
        except AskbobError as error:
            gaps.append(f"team {team.code_name}: Askbob {error}")
            return
        if unreadable := len([row for row in rows if not _is_person(row)]):
            gaps.append(f"team {team.code_name}: unreadable people in Askbob: {unreadable}")
        yield from _entries(rows)


def _team(row: Any) -> Team | None:
    match row:
        case {"id": int(number), "code_name": str(name)}:
            return Team(number, "".join(filter(str.isprintable, name)).strip()[:40])
    return None


def _is_person(row: Any) -> bool:
    match row:
        case {"trigram": str(trigram)} if isinstance(row.get("email"), str | None):
            return bool(trigram.strip())
    return False


def _entries(rows: Iterable[Any]) -> Iterator[DirectoryEntry]:
    """Yield an entry for each person with an identifier; the address is None if it is missing or malformed.

    A person whose trigram is not three or four letters is left out. No instance's name can hold such a trigram, so
    nothing is reported wrongly.
    """
    for row in filter(_is_person, rows):
        if identifier := parse_identifier(row["trigram"]):
            yield identifier, parse_address(row.get("email") or "")
