"""The direct messages that tell what others did, ready to be sent, and their later content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.delivery import MessageKind, OutgoingMessage
from bailiff_bot.domain.notice import ENDINGS, NOTICE, Notice
from bailiff_bot.messages.notices import notice
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.report_messages import ReportMessages


class NoticeReader(Protocol):
    """Reads notices. Raises StoreError."""

    def notice(self, key: str) -> Notice | None:
        """Return the notice with this key; None if it is another message, or Slack does not have it."""
        ...

    def endings(self, made_ids: Iterable[str]) -> tuple[ActionResult, ...]:
        """Return how exemptions were undone or ended, in the order of time."""
        ...


@dataclass(frozen=True, slots=True)
class NoticeMessages:
    """Makes notices."""

    messages: ReportMessages
    offers: Offers
    notices: NoticeReader

    def new(self, recipient: str, results: Sequence[ActionResult], unique: str) -> OutgoingMessage:
        """Return a notice. `unique` tells it from every other, so that no later one supersedes it."""
        made = self._message(MessageKind.DIRECT, recipient, f"{NOTICE} {unique}", results, "")
        return replace(made, about=[[one.offer.key, one.action] for one in results])

    def update(self, key: str) -> OutgoingMessage | None:
        """Return the new content of the notice with this key; None if it is another message, or not sent."""
        sent = self.notices.notice(key)
        if sent is None:
            return None
        endings = self.notices.endings(one.made_id for one in sent.results if one.action not in ENDINGS)
        results = (*sent.results, *(one for one in endings if one not in sent.results))
        edit = self._message(MessageKind.EDIT, sent.recipient, f"edit {sent.ts}", results, key)
        payload = {**edit.payload, "channel": sent.channel, "ts": sent.ts}
        return replace(edit, payload=payload, edited_ts=sent.ts)

    def _message(
        self, kind: MessageKind, recipient: str, name: str, results: Sequence[ActionResult], key: str
    ) -> OutgoingMessage:
        endings = self.notices.endings(one.made_id for one in results if one.action not in ENDINGS)
        offers = self.offers.end((*results, *endings), recipient, key)
        document = notice(results, {offer.made_id: offer.key for offer in offers}, self.messages.zone)
        return replace(self.messages.message(kind, recipient, name, document), offers=offers)
