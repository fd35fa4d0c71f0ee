"""The switches by which a test or a demo lets things go wrong in the sandbox's AWS."""

from datetime import timedelta

from bailiff_bot.sandbox.aws.credentials import CredentialStore
from bailiff_bot.sandbox.aws.faults import RegionFault, RegionFaultKind, RegionFaults
from bailiff_bot.sandbox.aws.fleet import DENIED_REGIONS
from bailiff_bot.sandbox.aws.regions import OPT_IN_REGIONS
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT


class FaultInjection:
    """What can go wrong; no account means all of them, no action everything but STS, no times for ever.

    Arguments: the keys that can be ended.
    """

    def __init__(self, credentials: CredentialStore) -> None:
        self._credentials = credentials
        self._faults = RegionFaults()

    def deny(self, region: str, account: str | None = None, action: str | None = None) -> None:
        """Answer UnauthorizedOperation."""
        for each in _accounts(account):
            self._faults.add(RegionFault(RegionFaultKind.DENIED, region, each, action))

    def allow(self, region: str, account: str | None = None) -> None:
        """Take `deny` back."""
        self._faults.remove(region, account, RegionFaultKind.DENIED)

    def disable_region(self, region: str, account: str | None = None) -> None:
        """Make a region one that is not enabled: DescribeRegions leaves it out, all else is AuthFailure."""
        for each in _accounts(account):
            self._faults.add(RegionFault(RegionFaultKind.DISABLED, region, each))

    def enable_region(self, region: str, account: str | None = None) -> None:
        """Take `disable` back; the opt-in regions begin disabled."""
        self._faults.remove(region, account, RegionFaultKind.DISABLED)

    def delay_responses(
        self, region: str, seconds: float, account: str | None = None, action: str | None = None
    ) -> None:
        """Answer that much later."""
        self._faults.add(RegionFault(RegionFaultKind.SLOW, region, account, action, seconds=seconds))

    def throttle(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Answer RequestLimitExceeded."""
        self._faults.add(RegionFault(RegionFaultKind.THROTTLED, region, account, action, times))

    def respond_html(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Answer 200 with a page of HTML, as a captive portal does."""
        self._faults.add(RegionFault(RegionFaultKind.HTML, region, account, action, times))

    def reset_connections(
        self, region: str, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Reset the connection."""
        self._faults.add(RegionFault(RegionFaultKind.RESET, region, account, action, times))

    def expire_credentials(self, account: str | None = None) -> None:
        """End the keys of an account that exist by now; a role can be assumed anew."""
        self._credentials.expire(account)

    def set_clock_skew(self, ahead: timedelta) -> None:
        """Let AWS's clock run ahead of the caller's (behind, when negative); 5 minutes are forgiven."""
        self._credentials.clock_skew = ahead

    def clear_faults(self) -> None:
        """Mend everything that was broken since the start; what was closed from the start is closed again."""
        self._faults.remove(None, None)
        self._credentials.clock_skew = timedelta(0)
        self._credentials.restore_bot_key()
        self._apply_initial_faults()

    def _apply_initial_faults(self) -> None:
        for account, region in DENIED_REGIONS:
            self.deny(region, account)
        for region in OPT_IN_REGIONS:
            self.disable_region(region)


def _accounts(account: str | None) -> tuple[str, ...]:
    """Return the accounts that are meant, each by itself: what is closed for all can be opened for one."""
    return (account,) if account else (OWN_ACCOUNT, LAB_ACCOUNT)
