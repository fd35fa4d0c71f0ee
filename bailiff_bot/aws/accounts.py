"""The accounts to be read, and what there is to be read in each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_codes import UNUSABLE
from bailiff_bot.aws.error_mapping import answered
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import one_line
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.response_fields import text
from bailiff_bot.aws.sessions import SESSIONS, with_good_keys
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Reason, Unread

_CALLER_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):")


@dataclass(frozen=True, slots=True)
class Account:
    """An account that was asked for its regions."""

    access: Access
    targets: tuple[Target, ...] = ()
    """What is to be read."""
    unread: tuple[Unread, ...] = ()
    """What is known to be closed already, or the whole account."""


def list_accesses(roles: Iterable[Access], limits: Limits) -> tuple[tuple[Access, ...], tuple[Unread, ...]]:
    """Return the accounts to open, each once, and those that nobody needs to try.

    A role of the bot's own account stands for that account: whoever lists it means it to be used.
    """
    roles = tuple(roles)
    try:
        own = with_good_keys(Access(), partial(own_access, limits))
    except Unreadable as error:
        unread = error.unread(Access().whole)
        if error.reason in UNUSABLE:
            return (), (unread, *(error.unread(role.whole) for role in _once(roles)))
        return _once(roles), (unread,)
    return _once((own, *roles)), ()


def own_access(limits: Limits) -> Access:
    """Return the way into the account that the bot's credentials belong to; raises Unreadable."""
    with SESSIONS.client("sts", Access(), limits) as sts, answered():
        caller = sts.get_caller_identity()
    arn = _CALLER_ARN.match(text(caller, "Arn"))
    if not arn:
        raise Unreadable(Reason.BAD_ANSWER, one_line(f"GetCallerIdentity calls the bot {caller['Arn']}"))
    return Access(arn["account"], arn["partition"])


def open_account(access: Access, regions: tuple[str, ...] | None, limits: Limits) -> Account:
    """Enter an account and return what is to be read there; None for every region it has enabled.

    Never raises for anything AWS does. When configured regions cannot be checked, each is tried and speaks for itself.
    """
    try:
        SESSIONS.enter(access, limits)
    except Unreadable as error:
        return Account(access, unread=(error.unread(access.whole),))
    try:
        known = with_good_keys(access, partial(regions_of, access, limits))
    except Unreadable as error:
        if regions is None:
            return Account(access, unread=(error.unread(access.whole),))
        return Account(access, targets=tuple(map(access.target, regions)))
    return _choose(access, known, filter(known.get, known) if regions is None else regions)


def _choose(access: Access, known: Mapping[str, bool], regions: Iterable[str]) -> Account:
    """Divide regions into those to be read and those that cannot be."""
    regions = tuple(regions)
    targets = tuple(access.target(region) for region in regions if known.get(region))
    closed = tuple(_closed(access.target(region), known) for region in regions if not known.get(region))
    return Account(access, targets, closed)


def _closed(target: Target, known: Mapping[str, bool]) -> Unread:
    if target.region in known:
        return Unread(target, Reason.NOT_ENABLED, "DescribeRegions: not-opted-in")
    return Unread(target, Reason.UNKNOWN_REGION, "DescribeRegions does not know it")


def _once(accesses: tuple[Access, ...]) -> tuple[Access, ...]:
    """Keep one way into each account: the first role, or else the bot's own credentials."""
    chosen: dict[str, Access] = {}
    for access in accesses:
        known = chosen.setdefault(access.account, access)
        if known.role_arn is None:
            chosen[access.account] = access
    return tuple(chosen.values())
