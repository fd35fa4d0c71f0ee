"""The sandbox enforces the policies that `deploy/` gives to administrators."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
POLICIES = files("bailiff_bot.sandbox.aws.iam") / "policies"


@pytest.mark.parametrize("role", ["act", "delete"])
def test_the_roles_of_the_sandbox_have_the_policies_of_deploy(role: str) -> None:
    assert (POLICIES / f"{role}.json").read_text() == (DEPLOY / f"iam-{role}.json").read_text()


def test_they_trust_as_the_roles_of_deploy_do_apart_from_whom_and_the_external_id() -> None:
    trust = (POLICIES / "act-trust.json").read_text().replace("user/bailiff", "role/bailiff")
    deployed = (
        (DEPLOY / "iam-act-trust.json").read_text().replace("REPLACE-WITH-BAILIFF_EXTERNAL_ID", "bailiff-sandbox")
    )
    assert json.loads(trust) == json.loads(deployed)
