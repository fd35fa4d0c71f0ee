"""An instance on one line of a message, as a bullet: what it is called, what was seen, where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackblocks import RichTextSection

from bailiff_bot.domain.owner import label
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.wording import plural, visible
from bailiff_bot.render.columns import console, name, shown
from bailiff_bot.slack.blocks.message import bold, line, link, weight


@dataclass(frozen=True, slots=True)
class Bullet:
    """A row in words."""

    title: str
    address: str | None
    """Where the title leads: the AWS console; None for a controller."""
    rest: str

    def drawn(self) -> RichTextSection:
        """Return the bullet as rich text."""
        return line(link(self.address, self.title) if self.address else bold(self.title), self.rest)

    def text(self) -> str:
        """Return the bullet as plain text."""
        return f"- {self.title}{self.rest}"

    @property
    def weight(self) -> int:
        """How many characters Slack may count in it."""
        return weight(self.title) + weight(self.rest) + len(self.address or "")


def bullet(row: Row, accounts: int, *, owner: bool = False) -> Bullet:
    """Return a row in words; with its owner, where that is not the reader; with its account once there are two."""
    instance = row.instance
    seen = ", ".join(finding.evidence for finding in row.findings)
    account = f"{instance.target.account}/" if accounts > 1 else ""
    whose = f" · {visible(label(row.identity))}" if owner else ""
    rest = f": {seen} · {instance.type} in {account}{instance.target.region}{whose}"
    if row.controller:
        called = f"{row.controller.kind} {shown(row.controller.name)}"
        return Bullet(f"{called}, {plural(row.count, 'machine')}", None, rest)
    called = instance.id if instance.name is None else f"{name(instance)} ({instance.id})"
    return Bullet(called, console(instance), rest)


def fitting(bullets: Sequence[Bullet], limit: int) -> Sequence[Bullet]:
    """Return as many bullets as fit in a number of characters."""
    used = 0
    for number, one in enumerate(bullets):
        used += one.weight
        if used > limit:
            return bullets[:number]
    return bullets
