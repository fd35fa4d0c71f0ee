"""Converts a snapshot to bytes and back: compressed JSON with one list per column. Repeated values are stored once.

Measured with 102,000 instances: pydantic needed twice the bytes and twice the time to read. msgspec wrote in half the
time, but read no faster, and each instance had its own copies of equal strings.
"""

import json
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import FirstExempt, Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.evidence_codec import decode_billing, decode_usage, encode_billing, encode_usage
from bailiff_bot.store.price_codec import decode_prices, decode_volumes, encode_prices, encode_volumes
from bailiff_bot.store.types import EPOCH, instant_of, microseconds

VERSION = 2
"""Increase it with every change of this format, or of the classes that it is decoded into.

A new column that older snapshots lack, and older versions ignore, needs no increase.
"""

_STATES = {state.value: state for state in InstanceState}


class _Index(dict[Any, int]):
    """Gives each new value the next number, from 0 on. Equal values have the same number."""

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self)
        return number


def encode(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    inventory, people = snapshot.inventory, snapshot.people
    targets = _Index()
    document = {
        "at": microseconds(inventory.scanned_at),
        "read": [targets[target] for target in inventory.read],
        "unread": _encode_gaps(inventory.gaps, targets),
        "other_gaps": _encode_gaps(snapshot.other_gaps, targets),
        "people": {identifier: sorted(addresses) for identifier, addresses in people.addresses.items()},
        "directory_gaps": _encode_gaps(people.gaps, targets),
        "consulted": people.consulted,
        "prices": encode_prices(snapshot.prices),
        "volumes_read": encode_volumes(snapshot.volumes),
        **_columns(inventory.instances, targets),
        "targets": [[target.account, target.region, target.partition] for target in targets],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def _columns(instances: tuple[Instance, ...], targets: _Index) -> dict[str, Any]:
    """Return the instances as columns.

    Names have their own column because they differ. Many instances share the other tags, so these are numbered.
    """
    types, other_tags = _Index(), _Index()
    return {
        "id": [one.id for one in instances],
        "target": [targets[one.target] for one in instances],
        "type": [types[one.type] for one in instances],
        "state": [one.state for one in instances],
        "launched": [_micros(one.launched_at) for one in instances],
        "transitioned": [_micros(one.transitioned_at) for one in instances],
        "attached": [_micros(one.attached_at) for one in instances],
        "seen_stopped": [_micros(one.first_seen_stopped) for one in instances],
        "first_exempt": _encode_first_exempt(instances),
        "operator": [[number, one.operator] for number, one in enumerate(instances) if one.is_operator_managed],
        **encode_billing(instances),
        "volumes": [one.volume_ids for one in instances],
        "addresses": [one.public_addresses for one in instances],
        "usage": encode_usage(instances),
        "by_aws": [number for number, one in enumerate(instances) if one.stopped_by_aws],
        "name": [one.name for one in instances],
        "other": [other_tags[tuple([tag for tag in one.tags.items() if tag[0] != "Name"])] for one in instances],
        "types": list(types),
        "others": [dict(tags) for tags in other_tags],
    }


def _encode_gaps(gaps: Iterable[Gap], targets: _Index) -> list[list[Any]]:
    return [
        [gap.source, gap.where and targets[gap.where], gap.reason, gap.detail, gap.remedy, gap.expected] for gap in gaps
    ]


def _encode_first_exempt(instances: tuple[Instance, ...]) -> list[list[Any]]:
    """Return the number, the tag and the time of each instance that has them: only a few do."""
    found = ((number, one.first_exempt) for number, one in enumerate(instances))
    return [[number, first.tag, microseconds(first.at)] for number, first in found if first]


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else microseconds(instant)


def decode(content: bytes) -> Snapshot | None:
    """Return the snapshot that `encode` wrote, or None if the bytes are damaged."""
    try:
        document = json.loads(zlib.decompress(content))
        targets = [Target(*target) for target in document["targets"]]
        return Snapshot(
            _inventory(document, targets),
            _people(document, targets),
            _gaps(document["other_gaps"], targets),
            decode_prices(document.get("prices")),
            decode_volumes(document.get("volumes_read", [])),
        )
    except (zlib.error, ValueError, LookupError, TypeError):
        return None


def _inventory(document: dict[str, Any], targets: list[Target]) -> Inventory:
    return Inventory(
        instances=tuple(_instances(document, targets)),
        read=tuple(targets[number] for number in document["read"]),
        gaps=_gaps(document["unread"], targets),
        scanned_at=instant_of(document["at"]),
    )


def _gaps(rows: list[list[Any]], targets: list[Target]) -> tuple[Gap, ...]:
    return tuple(
        Gap(GapSource(source), None if number is None else targets[number], *rest) for source, number, *rest in rows
    )


def _people(document: dict[str, Any], targets: list[Target]) -> People:
    addresses = {identifier: frozenset(listed) for identifier, listed in document["people"].items()}
    return People(addresses, _gaps(document["directory_gaps"], targets), document["consulted"])


def _instances(document: dict[str, Any], targets: list[Target]) -> Iterable[Instance]:
    """Return the instances, lazily. Creating 100,000 of them takes most of the time; reading the JSON takes little."""
    types, other_tags = document["types"], document["others"]
    columns = zip(
        document["id"],
        map(targets.__getitem__, document["target"]),
        map(types.__getitem__, document["type"]),
        map(_STATES.__getitem__, document["state"]),
        _instants(document["launched"]),
        _instants(document["transitioned"]),
        (
            other_tags[number] if name is None else {"Name": name, **other_tags[number]}
            for name, number in zip(document["name"], document["other"], strict=True)
        ),
        _instants(document["seen_stopped"]),
        # Older snapshots lack these columns.
        _instants(document.get("attached", [None] * len(document["id"]))),
        _first_exempt(document.get("first_exempt", []), len(document["id"])),
        _operators(document.get("operator", []), len(document["id"])),
        decode_billing(document),
        map(tuple, document.get("volumes", [()] * len(document["id"]))),
        document.get("addresses", [0] * len(document["id"])),
        decode_usage(document),
        _flags(document.get("by_aws", []), len(document["id"])),
        strict=True,
    )
    return starmap(Instance, columns)


def _first_exempt(rows: list[list[Any]], count: int) -> list[FirstExempt | None]:
    column: list[FirstExempt | None] = [None] * count
    for number, tag, at in rows:
        column[number] = FirstExempt(tag, instant_of(at))
    return column


def _operators(rows: list[list[Any]], count: int) -> list[str | None]:
    column: list[str | None] = [None] * count
    for number, operator in rows:
        column[number] = operator
    return column


def _flags(numbers: list[int], count: int) -> list[bool]:
    column = [False] * count
    for number in numbers:
        column[number] = True
    return column


def _instants(column: list[int | None]) -> Iterable[Any]:
    epoch = EPOCH
    return (None if micros is None else epoch + timedelta(0, 0, micros) for micros in column)
