"""People from Askbob: its teams, or those that are configured, and what of them could not be read."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bailiff_bot.directory.askbob_client import AskbobClient, AskbobError
from bailiff_bot.directory.entries import DirectoryEntry, parse_address, parse_identifier
from bailiff_bot.domain.identity import People, people_from_entries

DEADLINE = 30.0
"""Seconds after which no further team is asked."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team of Askbob."""

    id: int
    code_name: str


class AskbobDirectory:
    """Asks Askbob; one failing team is a gap, and the others count.

    Arguments: the client, the code names of the teams to ask (none: all of them), a monotonic clock in seconds.
    """

    def __init__(
        self, client: AskbobClient, teams: Iterable[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._team_names = tuple(teams)
        self._clock = clock

    def people(self) -> People:
        """Return the people of the teams, with what could not be read as gaps."""
        until = self._clock() + DEADLINE
        entries: list[DirectoryEntry] = []
        gaps: list[str] = []
        for team in self._teams(gaps):
            if self._clock() >= until:
                gaps.append(f"Askbob was too slow to ask team {team.code_name}")
            else:
                entries.extend(self._members(team, gaps))
        if not entries and not gaps:
            gaps.append("Askbob lists nobody")
        return people_from_entries(entries, gaps)

    def _teams(self, gaps: list[str]) -> list[Team]:
        """Return the teams to ask; those that are configured and do not exist are gaps."""
        try:
            rows = self._client.get_list("/api/v2/teams")
        except AskbobError as error:
            gaps.append(f"Askbob {error}")
            return []
        teams = [team for row in rows if (team := _team(row))]
        if len(teams) < len(rows):
            gaps.append(f"Askbob lists {len(rows) - len(teams)} of its teams in a form that cannot be read")
        return list(self._configured_teams(teams, gaps)) if self._team_names else teams

    def _configured_teams(self, teams: list[Team], gaps: list[str]) -> Iterator[Team]:
        for name in self._team_names:
            found = [team for team in teams if team.code_name.casefold() == name.casefold()]
            if not found:
                gaps.append(f"Askbob has no team {name}, which ASKBOB_TEAMS names")
            yield from found

    def _members(self, team: Team, gaps: list[str]) -> Iterator[DirectoryEntry]:
        try:
            rows = self._client.get_list(f"/api/v2/teams/{team.id}/people")
        except AskbobError as error:
            gaps.append(f"team {team.code_name}: Askbob {error}")
            return
        if unreadable := len([row for row in rows if not _is_person(row)]):
            gaps.append(f"team {team.code_name}: Askbob lists {unreadable} people in a form that cannot be read")
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
    """Yield those who have an identifier; whoever has three letters but no proper address is known without one.

    A trigram that is not three or four letters is passed over: no instance's name can mean it, so nobody is accused.
    """
    for row in filter(_is_person, rows):
        if identifier := parse_identifier(row["trigram"]):
            yield identifier, parse_address(row.get("email") or "")
