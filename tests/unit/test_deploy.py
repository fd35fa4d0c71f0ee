"""The files for deployment: the Slack manifest, the AWS permissions, the image."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bailiff_bot.aws.permissions import READS
from bailiff_bot.sandbox.slack import MANIFEST_SCOPES
from tests.unit.deploy_files import DEPLOY, ROOT, actions, policy, template_file

IN_EACH_ACCOUNT = {action for reads in READS.values() for action in reads.in_each_account}
WITH_OWN_ROLE = {action for reads in READS.values() for action in reads.with_own_role}
ASSUME = "sts:AssumeRole"
NAME_PERSON = "sts:SetSourceIdentity"

KEYS = {
    "": {"display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "slash_commands"},
    "features.app_home": {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"},
    "features.bot_user": {"display_name", "always_online"},
    "features.slash_commands.0": {"command", "description", "usage_hint", "should_escape"},
    "oauth_config": {"scopes"},
    "oauth_config.scopes": {"bot"},
    "settings": {
        "event_subscriptions",
        "interactivity",
        "socket_mode_enabled",
        "org_deploy_enabled",
        "token_rotation_enabled",
    },
    "settings.event_subscriptions": {"bot_events"},
    "settings.interactivity": {"is_enabled"},
}
"""The keys of the manifest. Slack's schema (slackapi/manifest-schema, 1.0.0) has all of them, and allows no others."""

LENGTHS = {
    "display_information.name": (1, 35),
    "display_information.description": (1, 140),
    "display_information.long_description": (175, 4000),
    "features.bot_user.display_name": (1, 80),
    "features.slash_commands.0.command": (2, 32),
    "features.slash_commands.0.description": (1, 2000),
    "features.slash_commands.0.usage_hint": (1, 1000),
}


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load((DEPLOY / "slack-manifest.yaml").read_text())


@pytest.fixture
def template() -> Any:
    return template_file("cloudformation-read-role.yaml")


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield from walk(child, f"{path}.{key}".lstrip("."))


def test_the_manifest_has_the_keys_that_slack_s_schema_knows_and_no_other(manifest: Any) -> None:
    assert {path: set(value) for path, value in walk(manifest) if isinstance(value, dict)} == KEYS


def test_the_texts_of_the_manifest_have_a_length_that_slack_allows(manifest: Any) -> None:
    texts = dict(walk(manifest))
    assert {
        path: len(texts[path]) for path, (low, high) in LENGTHS.items() if not low <= len(texts[path]) <= high
    } == {}


def test_the_manifest_requests_the_scopes_that_the_bot_is_tested_with(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert sorted(scopes) == sorted(MANIFEST_SCOPES)


def test_the_manifest_installs_a_socket_mode_app_that_accepts_messages(manifest: Any) -> None:
    command = manifest["features"]["slash_commands"][0]
    assert (command["command"], command["should_escape"]) == ("/bailiff", True)
    assert "url" not in command
    home = manifest["features"]["app_home"]
    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)
    assert manifest["settings"] == {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
        "org_deploy_enabled": False,
        "token_rotation_enabled": False,
    }


def test_the_bot_may_only_read_and_assume_the_named_roles() -> None:
    document = policy("iam-read-only.json")
    assert actions(document) == IN_EACH_ACCOUNT | WITH_OWN_ROLE | {ASSUME, NAME_PERSON}
    assert {statement["Effect"] for statement in document["Statement"]} == {"Allow"}
    for statement in document["Statement"]:
        if ASSUME in statement["Action"]:
            assert all(re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w-]+", role) for role in statement["Resource"])


def test_each_feature_that_reads_has_a_statement_of_its_own(template: Any) -> None:
    role = template["Resources"]["ReadRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    own = policy("iam-read-only.json")
    features = [(one.in_each_account | one.with_own_role, one.in_each_account) for one in READS.values()]
    for document, allowed in zip((own, role), zip(*features, strict=True), strict=True):
        reading = [one for one in document["Statement"] if one["Resource"] == "*"]
        assert [actions({"Statement": [one]}) for one in reading] == list(allowed)


def test_the_read_role_trusts_one_principal_with_the_external_id() -> None:
    (statement,) = policy("iam-trust.json")["Statement"]
    assert statement["Action"] == ASSUME
    assert re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w-]+", statement["Principal"]["AWS"])
    assert "sts:ExternalId" in statement["Condition"]["StringEquals"]


def test_the_read_role_of_the_template_may_only_read_and_has_the_same_trust(template: Any) -> None:
    role = template["Resources"]["ReadRole"]["Properties"]
    assert actions(role["Policies"][0]["PolicyDocument"]) == IN_EACH_ACCOUNT
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": {"Ref": "BotPrincipalArn"}}
    assert set(statement["Condition"]["StringEquals"]) == {"sts:ExternalId", "aws:PrincipalOrgID"}


def test_the_template_declares_all_that_it_refers_to(template: Any) -> None:
    declared = template["Parameters"].keys() | template["Resources"].keys() | {"AWS::NoValue"}
    referred = {value["Ref"] for _, value in walk(template) if isinstance(value, dict) and "Ref" in value}
    assert referred <= declared
    assert set(template["Parameters"]) <= referred


def test_the_image_is_built_from_files_that_exist_and_reach_the_build() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    copies = re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
    copied = [source for copy in copies for source in copy.split()[:-1]]
    pinned = re.findall(r"requirements/[\w.]+", dockerfile)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied
    assert [path for path in [*copied, *pinned] if not (ROOT / path).exists()] == []
    assert {path.split("/")[0] for path in copied} == allowed


def test_the_image_does_not_run_the_bot_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    final = dockerfile[dockerfile.rindex("FROM ") :]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["bailiff"\]\nCMD \["run"\]$', final, re.MULTILINE)


def test_the_image_can_write_only_to_its_working_directory() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    final = dockerfile[dockerfile.rindex("FROM ") :]
    assert "install --directory --owner=10001 --group=10001 /data" in final
    instructions = [line for line in final.splitlines() if line.startswith(("WORKDIR", "VOLUME", "USER"))]
    assert instructions == ["WORKDIR /data", "VOLUME /data", "USER 10001:10001"]


def test_the_bot_of_docker_compose_waits_for_a_database_without_open_ports() -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    bot, database = composed["services"]["bot"], composed["services"]["database"]
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert re.fullmatch(r"postgres:\d+-alpine", database["image"])
    assert "pg_isready" in database["healthcheck"]["test"]
    assert "ports" not in database
    (volume,) = database["volumes"]
    assert volume.split(":")[0] in composed["volumes"]


def test_docker_compose_contains_no_password_and_requires_one() -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    password = re.escape("${POSTGRES_PASSWORD:?") + "[^}]+}"
    assert re.fullmatch(password, composed["database"]["environment"]["POSTGRES_PASSWORD"])
    url = composed["bot"]["environment"]["BAILIFF_DATABASE_URL"]
    assert re.fullmatch(rf"postgresql\+psycopg://bailiff:{password}@database/bailiff", url)


def test_the_bot_of_docker_compose_has_no_privileges() -> None:
    bot = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["bot"]
    assert (bot["read_only"], bot["cap_drop"], bot["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert bot["env_file"] == ".env"
    assert not {"ports", "volumes", "privileged"} & bot.keys()


def test_the_ci_script_is_executable() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env bash\n")


def test_the_licence_is_the_full_text_of_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert "END OF TERMS AND CONDITIONS" in text
