"""A snapshot as bytes: columns of JSON, in which what repeats stands once, compressed.

Of 102,000 instances pydantic made twice the bytes, and took twice the time to read them; msgspec wrote in half the time
and read no faster, into strings of which each instance had its own.
"""

import json
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import starmap
from typing import Any

from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, Unread, UnreadReason
from bailiff_bot.domain.snapshot import Snapshot

VERSION = 1
"""Goes up with every change of what is written here, and of the values it is read into."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STATES = {state.value: state for state in InstanceState}


class _Index(dict[Any, int]):
    """Numbers what it is asked for, from 0 on; what is equal has one number."""

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self)
        return number


def encode(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    inventory, people = snapshot.inventory, snapshot.people
    targets = _Index()
    document = {
        "at": _microseconds(inventory.scanned_at),
        "read": [targets[target] for target in inventory.read],
        "unread": [[targets[unread.target], unread.reason, unread.detail] for unread in inventory.unread],
        "doubts": snapshot.plausibility_warnings,
        "people": {identifier: sorted(addresses) for identifier, addresses in people.addresses.items()},
        "gaps": people.gaps,
        "consulted": people.consulted,
        **_columns(inventory.instances, targets),
        "targets": [[target.account, target.region, target.partition] for target in targets],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def _columns(instances: tuple[Instance, ...], targets: _Index) -> dict[str, Any]:
    """Return the instances by columns; names differ, while the other tags of many instances are the same."""
    types, others = _Index(), _Index()
    return {
        "id": [one.id for one in instances],
        "target": [targets[one.target] for one in instances],
        "type": [types[one.type] for one in instances],
        "state": [one.state for one in instances],
        "launched": [_microseconds(one.launched_at) for one in instances],
        "transitioned": [_microseconds(one.transitioned_at) for one in instances],
        "seen_stopped": [_microseconds(one.first_seen_stopped) for one in instances],
        "name": [one.name for one in instances],
        "other": [others[tuple([tag for tag in one.tags.items() if tag[0] != "Name"])] for one in instances],
        "types": list(types),
        "others": [dict(tags) for tags in others],
    }


def _microseconds(instant: datetime | None) -> int | None:
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def decode(content: bytes) -> Snapshot | None:
    """Return the snapshot of `encode`; None where the bytes are damaged: the next scan makes another."""
    try:
        document = json.loads(zlib.decompress(content))
        targets = [Target(*target) for target in document["targets"]]
        return Snapshot(_inventory(document, targets), _people(document), tuple(document["doubts"]))
    except (zlib.error, ValueError, LookupError, TypeError):
        return None


def _inventory(document: dict[str, Any], targets: list[Target]) -> Inventory:
    return Inventory(
        instances=tuple(_instances(document, targets)),
        read=tuple(targets[number] for number in document["read"]),
        unread=tuple(
            Unread(targets[number], UnreadReason(reason), detail) for number, reason, detail in document["unread"]
        ),
        scanned_at=_EPOCH + timedelta(microseconds=document["at"]),
    )


def _people(document: dict[str, Any]) -> People:
    addresses = {identifier: frozenset(some) for identifier, some in document["people"].items()}
    return People(addresses, tuple(document["gaps"]), document["consulted"])


def _instances(document: dict[str, Any], targets: list[Target]) -> Iterable[Instance]:
    """Yield the instances; most of the time goes into making 100,000 values, little into reading JSON."""
    types, others = document["types"], document["others"]
    columns = zip(
        document["id"],
        map(targets.__getitem__, document["target"]),
        map(types.__getitem__, document["type"]),
        map(_STATES.__getitem__, document["state"]),
        _instants(document["launched"]),
        _instants(document["transitioned"]),
        (
            others[number] if name is None else {"Name": name, **others[number]}
            for name, number in zip(document["name"], document["other"], strict=True)
        ),
        _instants(document["seen_stopped"]),
        strict=True,
    )
    return starmap(Instance, columns)


def _instants(column: list[int | None]) -> Iterable[Any]:
    epoch = _EPOCH
    return (None if micros is None else epoch + timedelta(0, 0, micros) for micros in column)
