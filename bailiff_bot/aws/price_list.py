"""Looks prices up in AWS's price list, one after the other: its limit of calls allows no more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from time import monotonic

import structlog

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.call_rate import CallRate, Pause
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.permissions import GET_PRODUCTS
from bailiff_bot.aws.price_lookup import listed_price, lookup_of
from bailiff_bot.aws.price_pages import endpoint_region, products
from bailiff_bot.aws.sessions import with_renewed_credentials
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.listed_price import ListedPrice, LookedUp
from bailiff_bot.domain.price_key import PriceKey

BURST, CALLS_A_SECOND = 10, 5
"""The limit of GetProducts."""

_MAX_FAILURES = 3
"""After so many failures in a row nothing more is asked: the list does not answer at the moment."""

_HOPELESS = CREDENTIAL_REASONS | {UnreadReason.ACCESS_DENIED, UnreadReason.UNREACHABLE, UnreadReason.NOT_ENABLED}
"""For these reasons, every other call fails too."""

_REMEDIES = {
    UnreadReason.ACCESS_DENIED: f"allow {GET_PRODUCTS} to the bot's own role or user, as "
    "deploy/iam-read-only.json does; if a policy of the organization denies it, set BAILIFF_PRICES=off",
    UnreadReason.UNREACHABLE: "allow HTTPS to api.pricing.us-east-1.amazonaws.com, or set BAILIFF_PRICES=off",
    UnreadReason.TIMED_OUT: "what is missing is looked up at the next scan",
}
_REASONS = {UnreadReason.BAD_ANSWER: "not an answer of the price list"}

LIMITS = Limits(target_deadline=20.0)
"""For the pages of one price."""

log = structlog.get_logger()


class AwsPriceList:
    """The Price List Query API, with the bot's own credentials.

    `pause` waits for a number of seconds, and returns True if the process is stopping. A look-up ends after `seconds`,
    whatever AWS does. `limits` are those of one price.
    """

    def __init__(self, pause: Pause, seconds: float = 60.0, limits: Limits = LIMITS) -> None:
        self._rate = CallRate(BURST, CALLS_A_SECOND, pause)
        self._seconds = seconds
        self._limits = limits

    def look_up(self, keys: Iterable[PriceKey]) -> LookedUp:
        """Return what the list says of each key, asked for in this order.

        What could not be looked up is a gap; it raises nothing.
        """
        wanted = tuple(dict.fromkeys(keys))
        prices: dict[PriceKey, ListedPrice] = {}
        failures: list[Unreadable] = []
        with deadline(self._seconds):
            for key, answer in self._answers(wanted):
                if isinstance(answer, ListedPrice):
                    prices[key] = answer
                else:
                    failures.append(answer)
        log.info("prices.looked_up", wanted=len(wanted), answered=len(prices), failed=len(failures))
        return LookedUp(prices, _gaps(failures, len(wanted) - len(prices)))

    def _answers(self, wanted: Sequence[PriceKey]) -> Iterator[tuple[PriceKey, ListedPrice | Unreadable]]:
        """Yield what the list says of each key, or why it does not, until there is no use or no time to ask more."""
        ends_at, failed_in_a_row = monotonic() + self._seconds, 0
        for key in wanted:
            if monotonic() >= ends_at:
                yield key, Unreadable(UnreadReason.TIMED_OUT, f"not all prices were looked up in {self._seconds:g} s")
                return
            answer = self._answer(key)
            yield key, answer
            failed_in_a_row = 0 if isinstance(answer, ListedPrice) else failed_in_a_row + 1
            if failed_in_a_row >= _MAX_FAILURES or (isinstance(answer, Unreadable) and answer.reason in _HOPELESS):
                return

    def _answer(self, key: PriceKey) -> ListedPrice | Unreadable:
        region = endpoint_region(key.region)
        if region is None:
            return ListedPrice(None)
        try:
            return with_renewed_credentials(Access(), partial(self._ask, key, region))
        except Unreadable as error:
            return error

    def _ask(self, key: PriceKey, region: str) -> ListedPrice:
        return listed_price(key, products(lookup_of(key), region, self._limits, self._wait))

    def _wait(self) -> None:
        if not self._rate.wait():
            raise Unreadable(UnreadReason.TIMED_OUT, "the process is stopping")


def _gaps(failures: Iterable[Unreadable], missing: int) -> tuple[Gap, ...]:
    """Return a gap for each reason, with the detail of its first failure."""
    by_reason: Mapping[UnreadReason, Unreadable] = {one.reason: one for one in reversed([*failures])}
    return tuple(_gap(error, missing) for error in by_reason.values())


def _gap(error: Unreadable, missing: int) -> Gap:
    reason = error.reason
    remedy = _REMEDIES.get(reason) or unread_gap(Access().whole_account, reason).remedy
    count = f"{missing:,} price{'' if missing == 1 else 's'} not looked up"
    return Gap(GapSource.PRICES, None, _REASONS.get(reason, reason.value), f"{count}: {error.detail}", remedy)
