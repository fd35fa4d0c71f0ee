import pytest

from bailiff_bot.aws.unknown_regions import unknown_regions


def test_regions_of_every_partition_are_known_and_a_slip_of_the_pen_is_not() -> None:
    assert unknown_regions(["eu-west-1", "cn-north-1", "us-gov-west-1", "eu-wset-1"]) == ("eu-wset-1",)


def test_what_is_wrong_with_the_configuration_of_aws_is_no_matter_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert unknown_regions(["eu-west-1"]) == ()
