from dataclasses import fields, replace
from typing import Any

import pytest

from bailiff_bot.domain.policy import NOT_IDENTIFIERS, Policy
from bailiff_bot.domain.rules import policy_fingerprint
from tests.builders import DEFAULT_POLICY

OTHER_VALUES: dict[str, Any] = {
    "stopped_days": 30,
    "running_days": 31,
    "grace_hours": 25,
    "allowed_regions": frozenset({"eu-west-1"}),
    "exempt_tags": ("keep",),
    "exempt_tag_days": 90,
    "managed_tags": ("pool=Pool",),
    "owner_tags": ("owner", "Owner"),
    "owner_domain": "octo.example",
    "not_identifiers": frozenset({"PROD"}),
    "reads_usage": False,
    "idle_days": 7,
    "idle_cpu": 4,
    "idle_network_mb": 4,
    "used_cpu": 20,
    "used_network_mb": 2000,
}
NOT_IN_FINGERPRINT = {"expected_unread", "zone"}
"""Which targets may be unread, and at which hour the day of an exempting tag ends. They do not change any rule."""


@pytest.mark.parametrize("name", [one.name for one in fields(Policy) if one.name not in NOT_IN_FINGERPRINT])
def test_every_field_that_changes_a_rule_changes_the_fingerprint(name: str) -> None:
    policy = Policy(reads_usage=True)
    assert policy_fingerprint(replace(policy, **{name: OTHER_VALUES[name]})) != policy_fingerprint(policy)


def test_equal_policies_have_the_same_fingerprint_in_every_process_and_order() -> None:
    regions, words = ("a-1", "b-2", "c-3"), sorted(NOT_IDENTIFIERS)
    one = Policy(allowed_regions=frozenset(regions), not_identifiers=frozenset(words), exempt_tags=("a", "b"))
    two = Policy(
        allowed_regions=frozenset(regions[::-1]), not_identifiers=frozenset(words[::-1]), exempt_tags=("b", "a")
    )
    assert policy_fingerprint(one) == policy_fingerprint(two)
    assert '"allowed_regions":["a-1","b-2","c-3"]' in policy_fingerprint(one)


def test_declaring_a_region_closed_does_not_change_the_fingerprint() -> None:
    assert policy_fingerprint(Policy(expected_unread=("sa-east-1",))) == policy_fingerprint(DEFAULT_POLICY)


def test_the_fingerprint_of_the_default_policy_keeps_its_text() -> None:
    # A stored digest has this text. If it changes without a rule, every upgrade says that the rules changed.
    assert policy_fingerprint(Policy()) == (
        '{"stopped_days":15,"running_days":30,"grace_hours":24,"allowed_regions":[],"exempt_tags":["bailiff:exempt"],'
        '"managed_tags":[],'
        '"owner_tags":["Owner","aws:cloud9:owner"],"owner_domain":"","not_identifiers":["API","APP","CORE","DATA","DB","DEMO","DEV","GPU","HOST",'
        '"MAIN","NAT","NODE","PROD","QA","SQL","SRV","SVC","TEMP","TEST","TMP","UAT","VM","VPN","WEB"]}'
    )
