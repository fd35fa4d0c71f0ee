"""*Rename* in two forms: what one of them did, the other does not do again."""

from pathlib import Path

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import ACT_ROLE, OWN_ACCOUNT
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.acting import acting_program, audit
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.databases import new_database
from tests.integration.bot.person import Person

ONLY_READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    tags = (("Owner", "agr@octo.example"),)
    return (InstanceFixture(key="web", name="x_web", since_start=days(60), tags=tags, expected_table="owned"),)


def test_the_name_that_another_form_gave_is_not_given_again(
    sandbox: Sandbox, users: SandboxUsers, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with acting_program(sandbox, new_database("sqlite", request, tmp_path)) as program:
        ada = Person(users, "ada")
        sandbox.aws.set_role_policy(OWN_ACCOUNT, ACT_ROLE, ONLY_READS)
        ada.driver.click(ada.nudge(), "Rename", near="x_web")
        first = ada.driver.submit_modal(ada.modal("New name"), {"name": "agr-web"})
        ada.modal("could not rename")
        sandbox.aws.reset_roles()
        ada.wait_for_nudge("could not rename")
        ada.driver.click(ada.nudge(), "Rename", near="x_web")
        second = ada.modal("New name")
        users.driver.send_payload(first.request)
        assert "no owner in the name" not in ada.wait_for_nudge("Ada Granger renamed x_web").visible_text
        ada.driver.submit_modal(second, {"name": "agr-web"})
        ada.modal("This was done before")
        results = [result for action, result, _ in audit(program) if action == "rename"]
        assert results.count(AuditResult.DONE) == 1
        assert results[-1] is AuditResult.REFUSED
