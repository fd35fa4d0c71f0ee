"""Builds what is read of instances after a scan: what those that break a rule cost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.price_list import AwsPriceList
from bailiff_bot.aws.volume_reader import VolumeReader
from bailiff_bot.domain.clock import Clock
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.store import Store
from bailiff_bot.usecases.flagged_instances import FlaggedInstances
from bailiff_bot.usecases.listed_prices import ListedPrices
from bailiff_bot.usecases.prices import NoOwnPrices, OwnPriceReader, PriceInstances
from bailiff_bot.usecases.snapshots import Enrichment

Pause = Callable[[float], bool]
"""Waits for a number of seconds. Returns True if the process is stopping."""


def listed_prices(settings: Settings, store: Store, clock: Clock, pause: Pause) -> ListedPrices | None:
    """Return what finds prices in AWS's list; None if prices are off."""
    if settings.prices == "off":
        return None
    return ListedPrices(AwsPriceList(pause), store.prices, timedelta(days=settings.price_days), clock)


def enrichments(settings: Settings, store: Store, clock: Clock, listed: ListedPrices | None) -> tuple[Enrichment, ...]:
    """Return what is read after a scan, in this order."""
    return (_prices(settings, store, clock, listed),) if listed else ()


def _prices(settings: Settings, store: Store, clock: Clock, listed: ListedPrices) -> PriceInstances:
    threads = ThreadPoolExecutor(settings.scan_threads, thread_name_prefix="volumes")
    limits = Limits(target_deadline=settings.target_deadline, scan_deadline=settings.scan_deadline)
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
