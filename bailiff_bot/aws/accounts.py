"""The accounts to be read, and what there is to be read in each."""

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
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason

_CALLER_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):")


@dataclass(frozen=True, slots=True)
class AccountTargets:
    """An account that was asked for its regions."""

    access: Access
    targets: tuple[Target, ...] = ()
    """What is to be read."""
    unread: tuple[Unread, ...] = ()
    """What is known to be closed already, or the whole account."""


def list_accounts(roles: Iterable[Access], limits: Limits) -> tuple[tuple[Access, ...], tuple[Unread, ...]]:
    """Return the accounts to open, each once, and those that nobody needs to try.

    A role of the bot's own account stands for that account: whoever lists it means it to be used.
    """
    roles = tuple(roles)
    try:
        own = with_renewed_credentials(Access(), partial(own_access, limits))
    except Unreadable as error:
        unread = error.unread(Access().whole_account)
        if error.reason in CREDENTIAL_REASONS:
            return (), (unread, *(error.unread(role.whole_account) for role in _one_per_account(roles)))
        return _one_per_account(roles), (unread,)
    return _one_per_account((own, *roles)), ()


def own_access(limits: Limits) -> Access:
    """Return the way into the account that the bot's credentials belong to; raises Unreadable."""
    with SESSIONS.client("sts", Access(), limits) as sts, translate_aws_errors():
        caller = sts.get_caller_identity()
    arn = _CALLER_ARN.match(text_field(caller, "Arn"))
    if not arn:
        raise Unreadable(UnreadReason.BAD_ANSWER, redacted_line(f"GetCallerIdentity calls the bot {caller['Arn']}"))
    return Access(arn["account"], arn["partition"])


def list_targets(access: Access, regions: tuple[str, ...] | None, limits: Limits) -> AccountTargets:
    """Enter an account and return what is to be read there; None for every region it has enabled.

    Never raises for anything AWS does. When configured regions cannot be checked, each is tried and speaks for itself.
    """
    try:
        SESSIONS.check_access(access, limits)
    except Unreadable as error:
        return AccountTargets(access, unread=(error.unread(access.whole_account),))
    try:
        known = with_renewed_credentials(access, partial(regions_of, access, limits))
    except Unreadable as error:
        if regions is None:
            return AccountTargets(access, unread=(error.unread(access.whole_account),))
        return AccountTargets(access, targets=tuple(map(access.target, regions)))
    return _split_regions(access, known, filter(known.get, known) if regions is None else regions)


def _split_regions(access: Access, enabled_by_region: Mapping[str, bool], regions: Iterable[str]) -> AccountTargets:
    """Divide regions into those to be read and those that cannot be."""
    regions = tuple(regions)
    targets = tuple(access.target(region) for region in regions if enabled_by_region.get(region))
    closed = tuple(
        _unread_region(access.target(region), enabled_by_region)
        for region in regions
        if not enabled_by_region.get(region)
    )
    return AccountTargets(access, targets, closed)


def _unread_region(target: Target, enabled_by_region: Mapping[str, bool]) -> Unread:
    if target.region in enabled_by_region:
        return Unread(target, UnreadReason.NOT_ENABLED, "DescribeRegions: not-opted-in")
    return Unread(target, UnreadReason.UNKNOWN_REGION, "DescribeRegions does not know it")


def _one_per_account(accesses: tuple[Access, ...]) -> tuple[Access, ...]:
    """Keep one way into each account: the first role, or else the bot's own credentials."""
    chosen: dict[str, Access] = {}
    for access in accesses:
        known = chosen.setdefault(access.account, access)
        if known.role_arn is None:
            chosen[access.account] = access
    return tuple(chosen.values())
