"""An instance on one line of a message, as a bullet: what it is called, what was seen, where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackblocks import RichTextSection

from bailiff_bot.domain.owner import owner_label
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.wording import display_name, plural, visible
from bailiff_bot.render.columns import console_url, name
from bailiff_bot.slack.blocks.message import bold, line, link, slack_length


@dataclass(frozen=True, slots=True)
class InstanceBullet:
    """A row in words."""

    title: str
    url: str | None
    """Where the title leads: the AWS console; None for a controller."""
    rest: str

    def rich_text(self) -> RichTextSection:
        """Return the bullet as rich text."""
        return line(link(self.url, self.title) if self.url else bold(self.title), self.rest)

    def text(self) -> str:
        """Return the bullet as plain text."""
        return f"- {self.title}{self.rest}"

    @property
    def length(self) -> int:
        """How many characters Slack may count in it."""
        return slack_length(self.title) + slack_length(self.rest) + len(self.url or "")


def instance_bullet(row: Row, accounts: int, *, owner: bool = False) -> InstanceBullet:
    """Return a row in words; with its owner, where that is not the reader; with its account once there are two."""
    instance = row.instance
    seen = ", ".join(finding.evidence for finding in row.findings)
    account = f"{instance.target.account}/" if accounts > 1 else ""
    whose = f" · {visible(owner_label(row.identity))}" if owner else ""
    rest = f": {seen} · {instance.type} in {account}{instance.target.region}{whose}"
    if row.controller:
        called = f"{row.controller.kind} {display_name(row.controller.name)}"
        return InstanceBullet(f"{called}, {plural(row.count, 'machine')}", None, rest)
    called = instance.id if instance.name is None else f"{name(instance)} ({instance.id})"
    return InstanceBullet(called, console_url(instance), rest)


def fit_bullets(bullets: Sequence[InstanceBullet], limit: int) -> Sequence[InstanceBullet]:
    """Return as many bullets as fit in a number of characters."""
    used = 0
    for number, one in enumerate(bullets):
        used += one.length
        if used > limit:
            return bullets[:number]
    return bullets
