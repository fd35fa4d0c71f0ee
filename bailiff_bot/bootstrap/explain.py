"""Builds the use case that explains an instance: with Slack in the bot, without Slack on the command line."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from bailiff_bot.bootstrap.services import Services
from bailiff_bot.domain.owner import NoOwner, OwnersByAddress
from bailiff_bot.domain.report import Report
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.types import EPOCH
from bailiff_bot.usecases.explain import Explain

_SLACK_NOT_ASKED = NoOwner("Slack is not asked on the command line", lookup_failed=True)


def explain(
    settings: Settings,
    shared: Services,
    report: Callable[[], Report],
    owners: Callable[[frozenset[str]], OwnersByAddress],
    message_link: Callable[[str, str], str],
) -> Explain:
    """Return the use case. `owners` finds Slack users, `message_link` the URL of a message."""
    return Explain(
        report=report,
        grants=shared.reports.grants,
        delegations=lambda: shared.store.delegations.live(shared.clock()),
        deletions=shared.store.deletions.open,
        owners=owners,
        notifications=shared.store.notifications,
        last_nudges=shared.store.digest_history.last_nudges,
        message_link=message_link,
        remind_after=timedelta(days=settings.remind_days) if settings.nudges == "on" else None,
        zone=ZoneInfo(settings.timezone),
        clock=shared.clock,
    )


def explain_without_slack(settings: Settings, shared: Services) -> Explain:
    """Return the use case that reads the stored snapshot, however old it is, and the Slack users that are cached."""

    def cached_owners(addresses: frozenset[str]) -> OwnersByAddress:
        return {**dict.fromkeys(addresses, _SLACK_NOT_ASKED), **shared.store.users.load(addresses, EPOCH)}

    return explain(settings, shared, shared.reports.stored, cached_owners, lambda _channel, _ts: "")
