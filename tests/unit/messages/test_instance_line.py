import pytest

from bailiff_bot.domain.instance import Target
from bailiff_bot.messages.instance_line import console_url, instance_line, instance_line_with_owner
from tests.builders import OWN_ACCOUNT, instance, report

DETAILS = ": running for 40 days · t3.micro in"


def test_a_line_names_the_account_only_if_there_are_several() -> None:
    [row] = report(instance(1, "agr-x", age=40)).flagged
    assert instance_line(row, 1)[-1] == f"{DETAILS} eu-west-1"
    assert instance_line(row, 2)[-1] == f"{DETAILS} {OWN_ACCOUNT}/eu-west-1"


def test_a_line_names_the_owner_only_on_request() -> None:
    [row] = report(instance(1, "agr-x", age=40)).flagged
    assert instance_line_with_owner(row, 1) == (instance_line(row, 1)[0], f"{DETAILS} eu-west-1 · AGR")


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_url_has_the_host_of_the_partition(partition: str, host: str) -> None:
    found = instance(target=Target(OWN_ACCOUNT, "x-y-1", partition))
    assert console_url(found) == f"https://x-y-1.{host}/ec2/home?region=x-y-1#InstanceDetails:instanceId={found.id}"
