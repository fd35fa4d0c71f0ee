"""Slack users, and the cache of their lookups, in memory."""

from collections.abc import Mapping
from datetime import datetime

from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress


class FakeSlackUsers:
    """Finds the given owners, and nobody else. `lookups` holds the addresses of each call."""

    def __init__(self, owners_by_address: Mapping[str, Owner | NoOwner] | None = None) -> None:
        self.owners_by_address = dict(owners_by_address or {})
        self.lookups: list[frozenset[str]] = []

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        self.lookups.append(addresses)
        return {
            address: self.owners_by_address.get(address, NoOwner(f"no active Slack user has {address}"))
            for address in addresses
        }


class FakeUserCache:
    """Keeps the saved owners with the time at which they were saved."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Owner | NoOwner, datetime]] = {}

    def load(self, addresses: frozenset[str], since: datetime) -> dict[str, Owner | NoOwner]:
        return {address: owner for address, (owner, at) in self.entries.items() if address in addresses and at >= since}

    def save(self, found: Mapping[str, Owner | NoOwner], now: datetime) -> None:
        certain = {key: one for key, one in found.items() if isinstance(one, Owner) or not one.lookup_failed}
        self.entries.update({address: (owner, now) for address, owner in certain.items()})
