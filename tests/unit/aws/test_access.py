"""How to get at an account."""

import pickle

import pytest

from bailiff_bot.aws.access import Access, role_access
from bailiff_bot.errors import SettingsError

ROLE = "arn:aws-us-gov:iam::444455556666:role/ops/bailiff-read"


def test_a_roles_arn_tells_account_and_partition() -> None:
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
def test_what_is_no_roles_arn_is_refused_by_the_settings_name(arn: str) -> None:
    with pytest.raises(SettingsError, match="BAILIFF_ROLE_ARNS"):
        role_access(arn)


@pytest.mark.parametrize("external_id", ["x", "two words", "x" * 1225])
def test_an_external_id_that_sts_would_refuse_is_refused_and_not_shown(external_id: str) -> None:
    with pytest.raises(SettingsError, match="BAILIFF_EXTERNAL_ID") as caught:
        role_access(ROLE, external_id)
    assert external_id == "x" or external_id not in str(caught.value)


def test_no_external_id_is_none() -> None:
    assert role_access(ROLE, "").external_id is None


def test_access_can_be_sent_to_another_process() -> None:
    access = role_access(ROLE, "shibboleth")
    assert pickle.loads(pickle.dumps(access)) == access  # noqa: S301 - our own


def test_the_external_id_is_not_shown() -> None:
    assert "shibboleth" not in repr(role_access(ROLE, "shibboleth"))


def test_a_target_knows_its_partition() -> None:
    assert Access("444455556666", "aws-cn").target("cn-north-1").partition == "aws-cn"
