"""The role and the external id with which an account is read."""

import pickle

import pytest

from bailiff_bot.aws.access import Access, role_access
from bailiff_bot.errors import SettingsError

ROLE = "arn:aws-us-gov:iam::444455556666:role/ops/bailiff-read"


def test_the_arn_of_a_role_gives_account_and_partition() -> None:
    access = role_access(ROLE, "shibboleth")
    assert (access.account, access.partition) == ("444455556666", "aws-us-gov")
    assert (access.role_arn, access.external_id) == (ROLE, "shibboleth")


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "bailiff-read",
        "arn:aws:iam::4444:role/bailiff-read",
        "arn:aws:iam::444455556666:user/bailiff",
        "arn:aws:iam::444455556666:role/",
        ROLE + "\n",
        "arn:aws:iam::٤٤٤٤٥٥٥٥٦٦٦٦:role/bailiff",
    ],
)
def test_anything_but_the_arn_of_a_role_is_refused_with_the_name_of_the_setting(arn: str) -> None:
    with pytest.raises(SettingsError, match="BAILIFF_ROLE_ARNS"):
        role_access(arn)


@pytest.mark.parametrize("external_id", ["x", "two words", "x" * 1225])
def test_an_external_id_that_sts_would_refuse_is_refused_and_not_shown(external_id: str) -> None:
    with pytest.raises(SettingsError, match="BAILIFF_EXTERNAL_ID") as caught:
        role_access(ROLE, external_id)
    assert external_id == "x" or external_id not in str(caught.value)


def test_an_empty_external_id_is_none() -> None:
    assert role_access(ROLE, "").external_id is None


def test_access_can_be_sent_to_another_process() -> None:
    access = role_access(ROLE, "shibboleth")
    assert pickle.loads(pickle.dumps(access)) == access  # noqa: S301 - our own


def test_the_external_id_is_not_in_the_repr() -> None:
    assert "shibboleth" not in repr(role_access(ROLE, "shibboleth"))


def test_a_target_has_the_partition_of_its_access() -> None:
    assert Access("444455556666", "aws-cn").target("cn-north-1").partition == "aws-cn"
