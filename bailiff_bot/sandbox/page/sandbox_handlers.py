"""The page's switches for the world around Slack: the fleet, the regions, the days, the digest."""

import asyncio
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.aws.fleet import DENIED
from bailiff_bot.sandbox.aws.regions import ORDINARY
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.result import Act, Impossible

_DAY = timedelta(days=1)


class Stage(Protocol):
    """Who can move the world as a whole, and run the bot's commands in it."""

    def digest(self) -> "subprocess.CompletedProcess[str]":
        """Send the digest now."""
        ...

    def let_pass(self, time_passed: timedelta) -> None:
        """Let time pass."""
        ...


@dataclass(frozen=True, slots=True)
class Switches:
    """What can be done to the world, as acts for the control endpoint."""

    aws: AwsSandbox
    stage: Stage
    closed: set[tuple[str, str]] = field(default_factory=lambda: set(DENIED))
    """The accounts and regions that the bot may not look into."""

    def acts(self) -> Mapping[str, Act]:
        """Return the acts by name."""
        return {
            "digest": _in_a_thread(self._digest),
            "day_later": _in_a_thread(lambda: self.stage.let_pass(_DAY)),
            "fleet": _in_a_thread(self._fleet),
            "start": _in_a_thread(self.aws.start),
            "stop": _in_a_thread(self.aws.stop),
            "rename": _in_a_thread(self.aws.rename),
            "delete": _in_a_thread(self.aws.delete),
            "regions": _in_a_thread(self._regions),
            "close_region": _in_a_thread(self._close),
            "open_region": _in_a_thread(self._open),
        }

    def _digest(self) -> Json:
        done = self.stage.digest()
        return {"exit_code": done.returncode, "said": f"{done.stdout}{done.stderr}".strip()}

    def _fleet(self) -> list[Json]:
        return [
            {
                "id": seen.id,
                "name": seen.name,
                "state": seen.state,
                "account": seen.account,
                "region": seen.region,
                "days": (self.aws.now() - seen.launched) / _DAY,
            }
            for seen in self.aws.instances()
        ]

    def _regions(self) -> list[Json]:
        accounts = (fixtures.OWN_ACCOUNT, fixtures.LAB_ACCOUNT)
        return [
            {"account": account, "region": region, "readable": (account, region) not in self.closed}
            for account in accounts
            for region in ORDINARY
        ]

    def _close(self, account: str, region: str) -> None:
        if (account, region) not in self.closed:
            self.aws.deny(region, account)
            self.closed.add((account, region))

    def _open(self, account: str, region: str) -> None:
        self.aws.allow(region, account)
        self.closed.discard((account, region))


def _in_a_thread(work: Callable[..., object]) -> Act:
    """Return the act that does some work off the server's loop, which goes on serving the bot meanwhile."""

    async def act(body: Json) -> object:
        arguments = {name: value for name, value in body.items() if name != "origin"}
        try:
            return await asyncio.to_thread(work, **arguments)
        except LookupError as error:
            raise Impossible(str(error)) from error

    return act
