from collections.abc import Mapping
from dataclasses import replace

import pytest

from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.ownership import ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from tests.builders import NOW, instance

POLICY = Policy(owner_tags=("Owner", "bailiff:owner", "team"))
TAGS = {"owner ": "agr@octo.example", "team": "", "stage": "test"}


def fingerprint(name: str | None = "box", tags: Mapping[str, str] = {}, policy: Policy = POLICY) -> str:
    return ownership_fingerprint(instance(1, name, tags={**TAGS, **tags}), policy)


def test_the_fingerprint_changes_with_the_name_and_the_owner_tags() -> None:
    changed = [
        fingerprint("box2"),
        fingerprint(None),
        fingerprint(tags={"owner ": "hro@octo.example"}),
        fingerprint(tags={"team": "search"}),
        fingerprint(tags={"Owner": "hro@octo.example"}),
        ownership_fingerprint(instance(1, "box", tags={"team": ""}), POLICY),
    ]
    assert len({fingerprint(), *changed}) == len(changed) + 1


@pytest.mark.parametrize(
    "same",
    [
        fingerprint(tags={"stage": "prod"}),
        fingerprint(tags={"bailiff:owner": "HRO"}),
        fingerprint(tags={" Bailiff:Owner": "HRO"}),
        ownership_fingerprint(instance(1, "box", tags={"Owner": TAGS["owner "], "team": ""}), POLICY),
        fingerprint(policy=replace(POLICY, owner_tags=("team", "owner"))),
        ownership_fingerprint(
            replace(instance(1, "box", tags=TAGS), state=InstanceState.STOPPED, launched_at=NOW), POLICY
        ),
    ],
)
def test_the_fingerprint_does_not_change_with_anything_else(same: str) -> None:
    assert same == fingerprint()


def test_the_name_is_not_mistaken_for_a_tag() -> None:
    assert fingerprint(None) == fingerprint("")
    assert fingerprint('", [["team"') != fingerprint("")
