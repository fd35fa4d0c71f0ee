"""The page's controls for what is outside Slack: the fleet, the regions, the clock, the digest."""

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
    """The operations of the whole sandbox that the page needs."""

    def send_digest(self) -> "subprocess.CompletedProcess[str]":
        """Send the digest now."""
        ...

    def advance_time(self, duration: timedelta) -> None:
        """Move all clocks forward."""
        ...


@dataclass(frozen=True, slots=True)
class SandboxHandlers:
    """Handlers of the control endpoint that change the sandbox outside Slack."""

    aws: AwsSandbox
    sandbox: SandboxOperations
    denied: set[tuple[str, str]] = field(default_factory=lambda: set(DENIED_REGIONS))
    """The accounts and regions that the bot may not read."""

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the handlers by name."""
        return {
            "digest": _handler_in_thread(self._send_digest),
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

    def _send_digest(self) -> Json:
        result = self.sandbox.send_digest()
        return {"exit_code": result.returncode, "said": f"{result.stdout}{result.stderr}".strip()}

    def _fleet(self) -> list[Json]:
        return [
            {
                "id": instance.id,
                "name": instance.name,
                "state": instance.state,
                "account": instance.account,
                "region": instance.region,
                "days": (self.aws.now() - instance.launched) / _DAY,
            }
            for instance in self.aws.instances()
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


def _handler_in_thread(function: Callable[..., object]) -> ControlHandler:
    """Return a handler that runs a function in a thread, so that the event loop can serve the bot meanwhile."""

    async def handler(body: Json) -> object:
        arguments = {name: value for name, value in body.items() if name != "origin"}
        try:
            return await asyncio.to_thread(function, **arguments)
        except LookupError as error:
            raise InteractionError(str(error)) from error

    return handler
