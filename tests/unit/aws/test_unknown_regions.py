import pytest

from bailiff_bot.aws.unknown_regions import unknown_regions


def test_regions_of_every_partition_are_known_and_a_misspelt_one_is_not() -> None:
    assert unknown_regions(["eu-west-1", "cn-north-1", "us-gov-west-1", "eu-wset-1"]) == ("eu-wset-1",)


def test_a_wrong_aws_configuration_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert unknown_regions(["eu-west-1"]) == ()
