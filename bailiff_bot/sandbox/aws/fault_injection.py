"""Injects faults into the sandbox's AWS, for tests and the demo."""

from datetime import timedelta

from bailiff_bot.sandbox.aws.credentials import CredentialStore
from bailiff_bot.sandbox.aws.faults import RegionFault, RegionFaultKind, RegionFaults
from bailiff_bot.sandbox.aws.fleet import DENIED_REGIONS
from bailiff_bot.sandbox.aws.regions import OPT_IN_REGIONS
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT


class FaultInjection:
    """Adds and removes faults. Without `account`: all accounts; `times`: every request; region None: every region.

    Without `action` they affect all of EC2 and CloudWatch, and neither STS nor the Price List.

    Arguments: the access keys, which can be expired.
    """

    def __init__(self, credentials: CredentialStore) -> None:
        self._credentials = credentials
        self._faults = RegionFaults()

    def deny(self, region: str, account: str | None = None, action: str | None = None) -> None:
        """Respond with UnauthorizedOperation."""
        for each_account in _accounts(account):
            self._faults.add(RegionFault(RegionFaultKind.DENIED, region, each_account, action))

    def allow(self, region: str, account: str | None = None) -> None:
        """Undo `deny`."""
        self._faults.remove(region, account, RegionFaultKind.DENIED)

    def disable_region(self, region: str, account: str | None = None) -> None:
        """Disable a region: DescribeRegions omits it, every other call fails with AuthFailure."""
        for each_account in _accounts(account):
            self._faults.add(RegionFault(RegionFaultKind.DISABLED, region, each_account))

    def enable_region(self, region: str, account: str | None = None) -> None:
        """Undo `disable_region`. The opt-in regions are disabled at the start."""
        self._faults.remove(region, account, RegionFaultKind.DISABLED)

    def delay_responses(
        self, region: str | None, seconds: float, account: str | None = None, action: str | None = None
    ) -> None:
        """Delay the responses of a region."""
        self._faults.add(RegionFault(RegionFaultKind.SLOW, region, account, action, seconds=seconds))

    def throttle(
        self, region: str | None, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Respond with RequestLimitExceeded."""
        self._faults.add(RegionFault(RegionFaultKind.THROTTLED, region, account, action, times))

    def fail_requests(
        self, region: str | None, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Respond with an internal error of the service."""
        self._faults.add(RegionFault(RegionFaultKind.UNAVAILABLE, region, account, action, times))

    def respond_html(
        self, region: str | None, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Respond with 200 and an HTML page, as a captive portal does."""
        self._faults.add(RegionFault(RegionFaultKind.HTML, region, account, action, times))

    def reset_connections(
        self, region: str | None, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Reset the TCP connection instead of a response."""
        self._faults.add(RegionFault(RegionFaultKind.RESET, region, account, action, times))

    def lose_responses(
        self, region: str | None, times: int | None = None, account: str | None = None, action: str | None = None
    ) -> None:
        """Do what is asked, and reset the TCP connection instead of the response."""
        self._faults.add(RegionFault(RegionFaultKind.LOST, region, account, action, times))

    def clear_action(self, action: str) -> None:
        """Remove the faults that name an action, such as `GetProducts`."""
        self._faults.remove_action(action)

    def action_faults(self, action: str) -> tuple[RegionFault, ...]:
        """Return the faults that name an action."""
        return self._faults.of_action(action)

    def expire_credentials(self, account: str | None = None) -> None:
        """Expire the existing keys of an account; a role can be assumed again."""
        self._credentials.expire(account)

    def set_clock_skew(self, ahead: timedelta) -> None:
        """Set how far AWS's clock is ahead of the caller's (negative: behind). AWS tolerates 5 minutes."""
        self._credentials.clock_skew = ahead

    def clear_faults(self) -> None:
        """Remove all faults, then add those of the start again (denied and opt-in regions)."""
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
    """Return the accounts one by one, so that a fault added for all can be removed for one."""
    return (account,) if account else (OWN_ACCOUNT, LAB_ACCOUNT)
