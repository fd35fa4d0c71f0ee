"""Converts what a digest remembers to bytes and back: compressed JSON."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from bailiff_bot.domain.digest import DigestMemory
from bailiff_bot.domain.finding_keys import load_key
from bailiff_bot.domain.history import OpenFinding, TrendPoint
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.saving_codec import decode_told, encode_told
from bailiff_bot.store.types import instant_of, join_lines, microseconds, split_lines

_RULES = frozenset(RuleId)
_RULE = 4
"""The position of the rule in a finding."""


def encode(memory: DigestMemory) -> bytes:
    """Return the memory of a digest as bytes."""
    document = {
        "policy": memory.policy_fingerprint,
        "point": _encode_point(memory.trend_point),
        "sightings": [_encode_finding(finding) for finding in memory.open_findings],
        "told": [encode_told(told) for told in memory.told],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def decode(content: bytes) -> DigestMemory:
    """Return the memory that `encode` wrote, without findings of rules that no longer exist."""
    document = json.loads(zlib.decompress(content))
    findings = tuple(_decode_finding(row) for row in document["sightings"] if row[_RULE] in _RULES)
    told = tuple(map(decode_told, document.get("told", ())))  # earlier versions wrote none
    return DigestMemory(findings, _decode_point(document["point"]), document["policy"], told)


def _encode_point(point: TrendPoint) -> list[Any]:
    return [microseconds(point.at), point.flagged_count, point.instances, point.complete]


def _decode_point(encoded: Sequence[Any]) -> TrendPoint:
    at, flagged_count, instances, complete = encoded
    return TrendPoint(instant_of(at), flagged_count, instances, complete)


def _encode_finding(finding: OpenFinding) -> list[Any]:
    subject, target = finding.key.subject, finding.key.subject.target
    return [
        target.account,
        target.region,
        target.partition,
        subject.id,
        finding.key.rule,
        microseconds(finding.first_seen),
        microseconds(finding.last_seen),
        finding.title,
        finding.owner_label,
        join_lines(finding.owner_names),
        finding.count,
    ]


def _decode_finding(row: Sequence[Any]) -> OpenFinding:
    *key, first_seen, last_seen, title, owner_label, names, count = row
    return OpenFinding(
        load_key(*key), instant_of(first_seen), instant_of(last_seen), title, owner_label, split_lines(names), count
    )
