"""The page's switches for the world around Slack: the fleet, the regions, the days, the digest."""

import asyncio
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.aws.fleet import DENIED_REGIONS
from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler, InteractionError

_DAY = timedelta(days=1)


class SandboxOperations(Protocol):
    """Who can move the world as a whole, and run the bot's commands in it."""

    def send_digest(self) -> "subprocess.CompletedProcess[str]":
        """Send the digest now."""
        ...

    def advance_time(self, duration: timedelta) -> None:
        """Let time pass."""
        ...


@dataclass(frozen=True, slots=True)
class SandboxHandlers:
    """What can be done to the world, as acts for the control endpoint."""

    aws: AwsSandbox
    sandbox: SandboxOperations
    denied: set[tuple[str, str]] = field(default_factory=lambda: set(DENIED_REGIONS))
    """The accounts and regions that the bot may not look into."""

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the acts by name."""
        return {
            "digest": _handler_in_thread(self._digest),
            "day_later": _handler_in_thread(lambda: self.sandbox.advance_time(_DAY)),
            "fleet": _handler_in_thread(self._fleet),
            "start": _handler_in_thread(self.aws.start),
            "stop": _handler_in_thread(self.aws.stop),
            "rename": _handler_in_thread(self.aws.rename),
            "delete": _handler_in_thread(self.aws.delete),
            "regions": _handler_in_thread(self._regions),
            "close_region": _handler_in_thread(self._deny_region),
            "open_region": _handler_in_thread(self._allow_region),
        }

    def _digest(self) -> Json:
        done = self.sandbox.send_digest()
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
            {"account": account, "region": region, "readable": (account, region) not in self.denied}
            for account in accounts
            for region in DEFAULT_REGIONS
        ]

    def _deny_region(self, account: str, region: str) -> None:
        if (account, region) not in self.denied:
            self.aws.deny(region, account)
            self.denied.add((account, region))

    def _allow_region(self, account: str, region: str) -> None:
        self.aws.allow(region, account)
        self.denied.discard((account, region))


def _handler_in_thread(work: Callable[..., object]) -> ControlHandler:
    """Return the act that does some work off the server's loop, which goes on serving the bot meanwhile."""

    async def handler(body: Json) -> object:
        arguments = {name: value for name, value in body.items() if name != "origin"}
        try:
            return await asyncio.to_thread(work, **arguments)
        except LookupError as error:
            raise InteractionError(str(error)) from error

    return handler
