"""An instance as a bullet of a message: its name, the evidence of its findings, its type and place."""

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
    """A row of the report on one line."""

    title: str
    url: str | None
    """The instance in the AWS console; None for a controller."""
    rest: str

    def rich_text(self) -> RichTextSection:
        """Return the bullet as rich text."""
        return line(link(self.url, self.title) if self.url else bold(self.title), self.rest)

    def text(self) -> str:
        """Return the bullet as plain text."""
        return f"- {self.title}{self.rest}"

    @property
    def length(self) -> int:
        """Characters that Slack may count in the bullet."""
        return slack_length(self.title) + slack_length(self.rest) + len(self.url or "")


def instance_bullet(row: Row, accounts: int, *, owner: bool = False) -> InstanceBullet:
    """Return a row on one line.

    Shows the account if there are several `accounts`, and the owner's label if `owner` is set.
    """
    instance = row.instance
    evidence = ", ".join(finding.evidence for finding in row.findings)
    account = f"{instance.target.account}/" if accounts > 1 else ""
    owner_part = f" · {visible(owner_label(row.identity))}" if owner else ""
    rest = f": {evidence} · {instance.type} in {account}{instance.target.region}{owner_part}"
    if row.controller:
        title = f"{row.controller.kind} {display_name(row.controller.name)}"
        return InstanceBullet(f"{title}, {plural(row.count, 'machine')}", None, rest)
    title = instance.id if instance.name is None else f"{name(instance)} ({instance.id})"
    return InstanceBullet(title, console_url(instance), rest)


def fit_bullets(bullets: Sequence[InstanceBullet], limit: int) -> Sequence[InstanceBullet]:
    """Return the first bullets, as many as fit into `limit` characters."""
    used = 0
    for number, bullet in enumerate(bullets):
        used += bullet.length
        if used > limit:
            return bullets[:number]
    return bullets
