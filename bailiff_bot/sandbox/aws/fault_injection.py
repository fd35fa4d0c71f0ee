"""The switches by which a test or a demo lets things go wrong in the sandbox's AWS."""

from datetime import timedelta

from bailiff_bot.sandbox.aws.credentials import Keyring
from bailiff_bot.sandbox.aws.faults import Fault, Faults, Kind
from bailiff_bot.sandbox.aws.fleet import DENIED
from bailiff_bot.sandbox.aws.regions import OPT_IN
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT


class Switches:
    """What can go wrong; no account means all of them, no action everything but STS, no times for ever.

    Arguments: the keys that can be ended.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._faults = Faults()

    def deny(self, region: str, account: str | None = None, action: str | None = None) -> None:
        """Answer UnauthorizedOperation."""
        for each in _accounts(account):
            self._faults.add(Fault(Kind.DENIED, region, each, action))

    def allow(self, region: str, account: str | None = None) -> None:
        """Take `deny` back."""
        self._faults.remove(region, account, Kind.DENIED)

    def disable(self, region: str, account: str | None = None) -> None:
        """Make a region one that is not enabled: DescribeRegions leaves it out, all else is AuthFailure."""
        for each in _accounts(account):
            self._faults.add(Fault(Kind.DISABLED, region, each))

    def enable(self, region: str, account: str | None = None) -> None:
        """Take `disable` back; the opt-in regions begin disabled."""
        self._faults.remove(region, account, Kind.DISABLED)

    def slow(self, region: str, seconds: float, account: str | None = None, action: str | None = None) -> None:
        """Answer that much later."""
        self._faults.add(Fault(Kind.SLOW, region, account, action, seconds=seconds))

    def throttle(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Answer RequestLimitExceeded."""
        self._faults.add(Fault(Kind.THROTTLED, region, account, action, times))

    def html(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Answer 200 with a page of HTML, as a captive portal does."""
        self._faults.add(Fault(Kind.HTML, region, account, action, times))

    def reset(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Reset the connection."""
        self._faults.add(Fault(Kind.RESET, region, account, action, times))

    def expire_credentials(self, account: str | None = None) -> None:
        """End the keys of an account that exist by now; a role can be assumed anew."""
        self._keyring.expire(account)

    def skew(self, ahead: timedelta) -> None:
        """Let AWS's clock run ahead of the caller's (behind, when negative); 5 minutes are forgiven."""
        self._keyring.skew = ahead

    def heal(self) -> None:
        """Mend everything that was broken since the start; what was closed from the start is closed again."""
        self._faults.remove(None, None)
        self._keyring.skew = timedelta(0)
        self._keyring.renew()
        self._close_what_is_closed()

    def _close_what_is_closed(self) -> None:
        for account, region in DENIED:
            self.deny(region, account)
        for region in OPT_IN:
            self.disable(region)


def _accounts(account: str | None) -> tuple[str, ...]:
    """Return the accounts that are meant, each by itself: what is closed for all can be opened for one."""
    return (account,) if account else (OWN_ACCOUNT, LAB_ACCOUNT)
