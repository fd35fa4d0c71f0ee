"""Builds what is read of instances after a scan: whether they are used, and what those that break a rule cost."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.price_list import AwsPriceList
from bailiff_bot.aws.usage_reader import UsageReader
from bailiff_bot.aws.volume_reader import VolumeReader
from bailiff_bot.domain.clock import Clock
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.store import Store
from bailiff_bot.usecases.flagged_instances import FlaggedInstances
from bailiff_bot.usecases.listed_prices import ListedPrices
from bailiff_bot.usecases.prices import NoOwnPrices, OwnPriceReader, PriceInstances
from bailiff_bot.usecases.snapshots import Enrichment
from bailiff_bot.usecases.usage import ReadUsage

Pause = Callable[[float], bool]
"""Waits for a number of seconds. Returns True if the process is stopping."""


def listed_prices(settings: Settings, store: Store, clock: Clock, pause: Pause) -> ListedPrices | None:
    """Return what finds prices in AWS's list; None if prices are off."""
    if settings.prices == "off":
        return None
    return ListedPrices(AwsPriceList(pause), store.prices, timedelta(days=settings.price_days), clock)


def enrichments(settings: Settings, store: Store, clock: Clock, listed: ListedPrices | None) -> tuple[Enrichment, ...]:
    """Return what is read after a scan, in this order: usage says which instances break a rule."""
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="evidence")
    limits = Limits(target_deadline=settings.target_deadline, scan_deadline=settings.scan_deadline)
    usage = _usage(settings, store, threads, limits) if settings.reads_usage else None
    prices = _prices(settings, store, clock, listed, threads, limits) if listed else None
    return tuple(one for one in (usage, prices) if one)


def _usage(settings: Settings, store: Store, threads: Executor, limits: Limits) -> ReadUsage:
    reader = UsageReader(settings.role_arns, settings.external_id, threads, limits)
    return ReadUsage(reader, store.usage, settings.idle_days)


def _prices(  # noqa: PLR0913, PLR0917 - all that it is built of
    settings: Settings, store: Store, clock: Clock, listed: ListedPrices, threads: Executor, limits: Limits
) -> PriceInstances:
    return PriceInstances(
        listed,
        VolumeReader(settings.role_arns, settings.external_id, threads, limits),
        _own_prices(settings),
        settings.price_factor,
        FlaggedInstances(settings.policy(), store.ownership, clock),
    )


def _own_prices(settings: Settings) -> OwnPriceReader:
    if settings.prices_csv is None:
        return NoOwnPrices()
    from bailiff_bot.aws.own_prices import OwnPriceFile  # noqa: PLC0415 - its libraries take 25 ms to import

    return OwnPriceFile(settings.prices_csv)
