"""A session's policy names one step on one instance, and STS accepts it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.aws.actions.session_policies import (
    MAX_LENGTH,
    details_policy,
    image_policy,
    instance_policy,
    read_images_policy,
    tag_policy,
)
from bailiff_bot.aws.actions.step_calls import WRITABLE_TAGS
from bailiff_bot.aws.actions.step_sessions import session_name, source_identity
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.instance import Target

STS_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
LOWER = "abcdefghijklmnopqrstuvwxyz0123456789-"
targets = st.builds(
    Target,
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.text(LOWER, min_size=5, max_size=40),
    st.sampled_from(["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"]),
)
ids = st.from_regex(r"i-[0-9a-f]{8,17}", fullmatch=True)
keys = st.sampled_from(sorted(WRITABLE_TAGS))


@given(targets, ids, keys)
def test_every_policy_is_json_that_sts_accepts_and_names_its_instance_alone(
    target: Target, instance_id: str, key: str
) -> None:
    arn = f"arn:{target.partition}:ec2:{target.region}:{target.account}:instance/{instance_id}"
    for policy in (
        instance_policy("ec2:TerminateInstances", target, instance_id),
        tag_policy(target, instance_id, key),
        image_policy(target, instance_id),
        details_policy(target, instance_id),
    ):
        assert len(policy) <= MAX_LENGTH
        assert json.loads(policy)["Version"] == "2012-10-17"
        assert re.findall(r"arn:[^\"]*instance/[^\"]*", policy) == [arn]
    assert len(read_images_policy()) <= MAX_LENGTH


@given(st.text().filter(lambda text: not re.fullmatch(r"i-[0-9a-f]{8,17}", text)))
def test_what_is_no_id_never_becomes_a_pattern_in_a_policy(text: str) -> None:
    target = Target("444455556666", "eu-west-1")
    with pytest.raises(Unreadable):
        instance_policy("ec2:StopInstances", target, text)


@pytest.mark.parametrize("text", ["i-0123456789abcdef0\n", "i-*", "i-?123456789abcdef0", "${aws:username}"])
def test_a_pattern_is_no_id(text: str) -> None:
    with pytest.raises(Unreadable):
        image_policy(Target("444455556666", "eu-west-1"), text)


@given(st.text())
def test_every_session_has_a_name_that_sts_accepts(user_id: str) -> None:
    assert STS_NAME.fullmatch(session_name(user_id))
    assert session_name(user_id).startswith("bailiff-")


parts = st.text(min_size=1, max_size=300)


@given(st.one_of(st.emails(), st.builds("{}@{}".format, parts, parts.filter(lambda domain: "@" not in domain))))
def test_every_address_becomes_a_source_identity_with_an_at_sign(address: str) -> None:
    assert STS_NAME.fullmatch(source_identity(address))
    assert "@" in source_identity(address)


@given(st.text().filter(lambda text: "@" not in text) | st.sampled_from(["@", "a@", "@b"]))
def test_nobody_acts_without_an_address(address: str) -> None:
    with pytest.raises(Unreadable, match="has no e-mail address"):
        source_identity(address)


def test_a_usual_address_stays_as_it_is() -> None:
    assert source_identity("ada.granger+aws@octo.example") == "ada.granger+aws@octo.example"
    assert source_identity(f"{'a' * 64}@octo.example") == f"{'a' * 51}@octo.example"
    assert source_identity("o'hara@octo.example") == "o-hara@octo.example"
