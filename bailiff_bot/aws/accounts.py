"""The accounts to read, and the targets in each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.response_fields import text_field
from bailiff_bot.aws.sessions import SESSIONS, with_renewed_credentials
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap

_CALLER_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):")


@dataclass(frozen=True, slots=True)
class AccountTargets:
    """The targets of one account."""

    access: Access
    targets: tuple[Target, ...] = ()
    """The targets to read."""
    gaps: tuple[Gap, ...] = ()
    """The targets that cannot be read, or one that stands for the whole account."""


def list_accounts(roles: Iterable[Access], limits: Limits) -> tuple[tuple[Access, ...], tuple[Gap, ...]]:
    """Return the accounts to read, each once, and those that certainly cannot be read.

    If a role belongs to the bot's own account, that role is used for it: somebody configured it for this purpose.
    """
    roles = tuple(roles)
    try:
        own = with_renewed_credentials(Access(), partial(own_access, limits))
    except Unreadable as error:
        gap = error.gap(Access().whole_account)
        if error.reason in CREDENTIAL_REASONS:
            return (), (gap, *(error.gap(role.whole_account) for role in _one_per_account(roles)))
        return _one_per_account(roles), (gap,)
    return _one_per_account((own, *roles)), ()


def own_access(limits: Limits) -> Access:
    """Return the access to the account of the bot's own credentials. Raises Unreadable."""
    with SESSIONS.client("sts", Access(), limits) as sts, translate_aws_errors():
        caller = sts.get_caller_identity()
    arn = _CALLER_ARN.match(text_field(caller, "Arn"))
    if not arn:
        raise Unreadable(UnreadReason.BAD_ANSWER, redacted_line(f"GetCallerIdentity calls the bot {caller['Arn']}"))
    return Access(arn["account"], arn["partition"])


def list_targets(access: Access, regions: tuple[str, ...] | None, limits: Limits) -> AccountTargets:
    """Return the targets of an account: those in `regions`, or if that is None, in every region that it has enabled.

    Raises nothing for a failure of AWS. If the enabled regions cannot be listed, every region in `regions` becomes a
    target; the scan then finds out whether it can be read.
    """
    try:
        SESSIONS.check_access(access, limits)
    except Unreadable as error:
        return AccountTargets(access, gaps=(error.gap(access.whole_account),))
    try:
        enabled_by_region = with_renewed_credentials(access, partial(regions_of, access, limits))
    except Unreadable as error:
        if regions is None:
            return AccountTargets(access, gaps=(error.gap(access.whole_account),))
        return AccountTargets(access, targets=tuple(map(access.target, regions)))
    enabled = filter(enabled_by_region.get, enabled_by_region)
    return _split_regions(access, enabled_by_region, enabled if regions is None else regions)


def _split_regions(access: Access, enabled_by_region: Mapping[str, bool], regions: Iterable[str]) -> AccountTargets:
    """Return the targets to read and those that cannot be read, as DescribeRegions says."""
    regions = tuple(regions)
    targets = tuple(access.target(region) for region in regions if enabled_by_region.get(region))
    gaps = tuple(
        _unread_region(access.target(region), enabled_by_region)
        for region in regions
        if not enabled_by_region.get(region)
    )
    return AccountTargets(access, targets, gaps)


def _unread_region(target: Target, enabled_by_region: Mapping[str, bool]) -> Gap:
    if target.region in enabled_by_region:
        return unread_gap(target, UnreadReason.NOT_ENABLED, "DescribeRegions: not-opted-in")
    return unread_gap(target, UnreadReason.UNKNOWN_REGION, "DescribeRegions does not know it")


def _one_per_account(accesses: tuple[Access, ...]) -> tuple[Access, ...]:
    """Return one access for each account: the first role, else the bot's own credentials."""
    access_by_account: dict[str, Access] = {}
    for access in accesses:
        current = access_by_account.setdefault(access.account, access)
        if current.role_arn is None:
            access_by_account[access.account] = access
    return tuple(access_by_account.values())
