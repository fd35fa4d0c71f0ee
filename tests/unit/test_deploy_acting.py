"""The files for the roles that act: who may become them, what they may do, what is told when they delete."""

from typing import Any

import pytest

from bailiff_bot.settings.acting import ActingSettings
from tests.unit.deploy_files import policy, template_file

BOT = "arn:aws:iam::111122223333:role/bailiff"
POLICIES = {"ActRole": "iam-act.json", "DeleteRole": "iam-delete.json"}
WRITES = {
    "iam-act.json": {"ec2:StartInstances", "ec2:StopInstances", "ec2:CreateTags"},
    "iam-delete.json": {"ec2:TerminateInstances", "ec2:CreateImage", "ec2:CreateTags"},
}


@pytest.fixture(scope="module")
def template() -> Any:
    return template_file("cloudformation-act-roles.yaml")


def statements(document: Any, effect: str) -> list[Any]:
    return [statement for statement in document["Statement"] if statement["Effect"] == effect]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: Any) -> Any:
    """Return a value of the template as CloudFormation makes it for the bot of the example."""
    if isinstance(value, list):
        return [resolved(one) for one in value]
    if not isinstance(value, dict):
        return value.replace("${AWS::Partition}", "aws") if isinstance(value, str) else value
    if value.keys() in ({"Ref"}, {"Select"}):
        return EXAMPLE.get(value.get("Ref", "account of the bot"))
    if value.keys() == {"Sub"}:
        return resolved(value["Sub"])
    return {key: resolved(one) for key, one in value.items() if one != {"If": WITHIN_ORGANIZATION}}


EXAMPLE = {
    "BotPrincipalArn": BOT,
    "ExternalId": "REPLACE-WITH-BAILIFF_EXTERNAL_ID",
    "account of the bot": "arn:aws:iam::111122223333:root",
}
WITHIN_ORGANIZATION = ["WithinAnOrganization", {"Ref": "OrganizationId"}, {"Ref": "AWS::NoValue"}]


@pytest.mark.parametrize("role", POLICIES)
def test_the_template_has_the_policies_and_the_trust_of_the_files(template: Any, role: str) -> None:
    properties = template["Resources"][role]["Properties"]
    [inline] = properties["Policies"]
    assert resolved(inline["PolicyDocument"]) == policy(POLICIES[role])
    assert resolved(properties["AssumeRolePolicyDocument"]) == policy("iam-act-trust.json")


@pytest.mark.parametrize("role", POLICIES)
def test_within_an_organization_the_bot_must_belong_to_it(template: Any, role: str) -> None:
    assume, _ = template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert assume["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == {"If": WITHIN_ORGANIZATION}


def test_only_the_bot_becomes_a_role_with_the_external_id_and_for_a_person() -> None:
    assume, name_person = policy("iam-act-trust.json")["Statement"]
    assert (assume["Action"], name_person["Action"]) == ("sts:AssumeRole", "sts:SetSourceIdentity")
    assert "sts:ExternalId" in assume["Condition"]["StringEquals"]
    for statement in (assume, name_person):
        assert statement["Condition"]["ArnEquals"] == {"aws:PrincipalArn": BOT}
        assert statement["Condition"]["StringLike"]["sts:SourceIdentity"] == "*@*"


@pytest.mark.parametrize("name", WRITES)
def test_no_statement_allows_a_pattern_of_actions_or_writes_on_everything(name: str) -> None:
    for statement in statements(policy(name), "Allow"):
        actions = listed(statement["Action"])
        assert all("*" not in action for action in actions)
        if statement["Resource"] == "*":
            assert all(action.startswith("ec2:Describe") for action in actions)


@pytest.mark.parametrize("name", WRITES)
def test_each_role_writes_only_what_it_is_for(name: str) -> None:
    allowed = {action for one in statements(policy(name), "Allow") for action in listed(one["Action"])}
    assert {action for action in allowed if ":Describe" not in action} == WRITES[name]


@pytest.mark.parametrize("name", WRITES)
def test_what_is_tagged_never_is_denied_for_every_write(name: str) -> None:
    [deny] = statements(policy(name), "Deny")
    assert set().union(*WRITES.values()) <= set(deny["Action"])
    assert deny["Resource"] == "arn:aws:ec2:*:*:instance/*"
    assert deny["Condition"] == {"StringEqualsIgnoreCase": {"aws:ResourceTag/bailiff:actions": "never"}}


@pytest.mark.parametrize("name", WRITES)
def test_no_role_can_write_or_remove_the_tag_that_says_never(name: str) -> None:
    for statement in statements(policy(name), "Allow"):
        assert "ec2:DeleteTags" not in listed(statement["Action"])
        if "ec2:CreateTags" in listed(statement["Action"]) and "instance" in str(statement["Resource"]):
            assert statement["Condition"] == {
                "ForAllValues:StringEquals": {"aws:TagKeys": ["Name", "bailiff:owner"]},
                "Null": {"aws:TagKeys": "false"},
            }


def test_deletions_are_off_by_default_and_all_that_is_theirs_depends_on_them(template: Any) -> None:
    assert template["Parameters"]["Deletions"]["Default"] == "off"
    by_condition = {name: resource["Condition"] for name, resource in template["Resources"].items()}
    assert by_condition.pop("ActRole") == "MakesRoles"
    assert by_condition.pop("DeleteRole") == "MakesDeleteRole"
    assert set(by_condition.values()) == {"AllowsDeletions", "TellsAnAddress"}


def test_each_deletion_is_told_with_who_asked_for_it(template: Any) -> None:
    rule = template["Resources"]["DeletionRule"]["Properties"]
    detail = rule["EventPattern"]["detail"]
    assert detail["eventName"] == ["TerminateInstances"]
    assert detail["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == [{"Ref": "DeleteRoleName"}]
    transformer = rule["Targets"][0]["InputTransformer"]
    assert "$.detail.userIdentity.sessionContext.sourceIdentity" in transformer["InputPathsMap"].values()
    for name in transformer["InputPathsMap"]:
        assert f"<{name}>" in transformer["InputTemplate"]
    [publish] = template["Resources"]["DeletionTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert publish["Condition"] == {"ArnEquals": {"aws:SourceArn": {"GetAtt": "DeletionRule.Arn"}}}


def test_the_template_declares_all_that_it_refers_to(template: Any) -> None:
    declared = {*template["Parameters"], *template["Resources"], "AWS::NoValue", "AWS::Region"}
    text = str(template)
    assert {name for name in declared if f"'Ref': '{name}'" in text or f"'GetAtt': '{name}." in text} >= {
        *template["Parameters"]
    }


def test_the_bot_can_become_the_roles_that_the_settings_name() -> None:
    [acting] = [one for one in policy("iam-read-only.json")["Statement"] if "sts:SetSourceIdentity" in one["Action"]]
    arns = acting["Resource"]
    assert {arn.rpartition("/")[2] for arn in arns} == {"bailiff-act", "bailiff-delete"}
    roles = {f"bailiff-{kind}": tuple(arn for arn in arns if arn.endswith(kind)) for kind in ("act", "delete")}
    settings = ActingSettings(
        BAILIFF_ACTION_ROLE_ARNS=roles["bailiff-act"], BAILIFF_DELETE_ROLE_ARNS=roles["bailiff-delete"]
    )
    assert len(settings.action_role_arns) == len(settings.delete_role_arns) == 2
