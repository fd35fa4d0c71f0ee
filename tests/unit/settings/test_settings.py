import os
from datetime import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.policy import Policy
from bailiff_bot.errors import SettingsError
from bailiff_bot.settings.environment import load_settings
from bailiff_bot.settings.model import Settings
from tests.unit.settings.loading import PREFIXES, ROLE, SECRET, load_with, refusal

WRONG = [
    ("SLACK_API_URL", "slack.com", "should be an address like https://host/path"),
    ("ASKBOB_URL", "ftp://askbob", "should be an address like https://host/path"),
    ("BAILIFF_ROLE_ARNS", "arn:aws:iam::123:role/x", "should look like arn:aws:iam::123456789012:role/NAME"),
    ("BAILIFF_ROLE_ARNS", f"{ROLE},Bailiff", "'Bailiff' does not"),
    ("BAILIFF_REGIONS", "europe", "should look like eu-west-1"),
    ("BAILIFF_REGIONS", "all,eu-west-1", "'all' does not"),
    ("BAILIFF_ALLOWED_REGIONS", "eu-west-1 EU-WEST-3", "'EU-WEST-3' does not"),
    ("BAILIFF_SCAN_THREADS", "0", "should be greater than or equal to 1"),
    ("BAILIFF_SCAN_THREADS", "257", "should be less than or equal to 256"),
    ("BAILIFF_TARGET_DEADLINE", "0", "should be greater than or equal to 1"),
    ("BAILIFF_TARGET_DEADLINE", "3601", "should be less than or equal to 3600"),
    ("BAILIFF_STOPPED_DAYS", "-1", "should be greater than or equal to 1"),
    ("BAILIFF_STOPPED_DAYS", "a fortnight", "should be a valid integer"),
    ("BAILIFF_RUNNING_DAYS", "0", "should be greater than or equal to 1"),
    ("BAILIFF_RUNNING_DAYS", "1.5", "should be a valid integer"),
    ("BAILIFF_GRACE_HOURS", "-1", "should be greater than or equal to 0"),
    ("BAILIFF_MANAGED_TAGS", "pool", "should look like key=Label or key=value=Label, and 'pool' does not"),
    ("BAILIFF_MANAGED_TAGS", "pool=Pool,=Label", "and '=Label' does not"),
    ("BAILIFF_MANAGED_TAGS", "*=Everything", "and '*=Everything' does not"),
    ("BAILIFF_FRESH_MINUTES", "-1", "should be greater than or equal to 0"),
    ("BAILIFF_TIMEZONE", "Mars/Olympus", "should be a time zone like Europe/Paris"),
    ("BAILIFF_TIMEZONE", "Europe", "should be a time zone like Europe/Paris"),
    ("BAILIFF_TIMEZONE", "../../etc/passwd", "should be a time zone like Europe/Paris"),
    ("BAILIFF_NUDGES", "yes", "should be 'dry-run', 'on' or 'off'"),
    ("BAILIFF_DIGEST_UNTIL", "24:00", "should be a time of day like 20:00"),
    ("BAILIFF_DIGEST_UNTIL", "8pm", "should be a time of day like 20:00"),
    ("BAILIFF_DIGEST_UNTIL", "9:00", "should be a time of day like 20:00"),
    ("BAILIFF_DIGEST_UNTIL", "1٩:00", "should be a time of day like 20:00"),
    ("BAILIFF_REMIND_DAYS", "0", "should be greater than or equal to 1"),
    ("BAILIFF_KEEP_DAYS", "13", "should be greater than or equal to 14"),
    ("BAILIFF_REPLICAS", "0", "should be greater than or equal to 1"),
    ("BAILIFF_REPLICAS", "11", "should be less than or equal to 10"),
    ("BAILIFF_CLOCK_AHEAD", "-1", "should be greater than or equal to 0"),
    ("BAILIFF_LOG_LEVEL", "LOUD", "should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
]


@pytest.mark.parametrize(("variable", "value", "expected"), WRONG)
def test_a_wrong_value_is_refused_in_one_line_with_the_variable_its_value_and_what_it_should_be(
    variable: str, value: str, expected: str
) -> None:
    line = refusal(**{variable: value})
    assert line.startswith(f"{variable} is wrong: {value!r} ")
    assert expected in line


@pytest.mark.parametrize("value", ["x\ny", " ", "1\n2", "\t"])
@pytest.mark.parametrize("variable", ["BAILIFF_STOPPED_DAYS", "BAILIFF_TIMEZONE", "ASKBOB_URL", "BAILIFF_NUDGES"])
def test_a_wrong_value_with_several_lines_is_refused_in_one_line(variable: str, value: str) -> None:
    assert repr(value) in refusal(**{variable: value})


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SLACK_BOT_TOKEN", f"xapp-{SECRET}", "should start with xoxb-"),
        ("SLACK_BOT_TOKEN", SECRET, "should start with xoxb-"),
        ("SLACK_APP_TOKEN", f"xoxb-{SECRET}", "should start with xapp-"),
    ],
)
def test_a_token_of_another_kind_is_refused_without_showing_it(variable: str, value: str, expected: str) -> None:
    line = refusal(**{variable: value})
    assert line.startswith(f"{variable} is wrong: ")
    assert expected in line
    assert SECRET not in line


def test_a_password_in_an_address_is_not_shown() -> None:
    assert SECRET not in refusal(ASKBOB_URL=f"ftp://bailiff:{SECRET}@askbob.example/")


@pytest.mark.parametrize("address", [f"mysql://bailiff:{SECRET}@db/bailiff", f"bailiff:{SECRET}@db", SECRET])
def test_a_database_of_another_kind_is_refused_without_showing_its_address(address: str) -> None:
    line = refusal(BAILIFF_DATABASE_URL=address)
    assert line == "BAILIFF_DATABASE_URL is wrong: it should begin with sqlite:/// or postgresql://."


def test_several_replicas_on_sqlite_are_refused() -> None:
    line = refusal(BAILIFF_REPLICAS="2")
    assert line.startswith("BAILIFF_REPLICAS is more than 1, but BAILIFF_DATABASE_URL is a file")


def test_several_replicas_on_postgresql_are_accepted() -> None:
    assert (
        load_with(BAILIFF_REPLICAS="3", BAILIFF_DATABASE_URL=f"postgresql://bailiff:{SECRET}@db/bailiff").replicas == 3
    )


def test_one_of_two_wrong_values_is_named() -> None:
    assert "is wrong" in refusal(BAILIFF_STOPPED_DAYS="x", BAILIFF_RUNNING_DAYS="y")


def test_the_refusal_of_a_wrong_value_shows_no_secret_of_another() -> None:
    line = refusal(SLACK_BOT_TOKEN=f"xoxb-{SECRET}", ASKBOB_CLIENT_SECRET=SECRET, BAILIFF_STOPPED_DAYS="x")
    line += refusal(BAILIFF_DATABASE_URL=f"postgresql://bailiff:{SECRET}@db/bailiff", BAILIFF_STOPPED_DAYS="x")
    assert SECRET not in line


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("BAILIFF_STOPED_DAYS", "BAILIFF_STOPPED_DAYS"),
        ("BAILIFF_CHANEL", "BAILIFF_CHANNEL"),
        ("BAILIFF_REGION", "BAILIFF_REGIONS"),
        ("BAILIFF_NUDGE", "BAILIFF_NUDGES"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(variable: str, meant: str) -> None:
    assert refusal(**{variable: "x"}) == f"{variable} is not a setting of Bailiff: did you mean {meant}?"


def test_an_unknown_variable_without_a_near_name_refers_to_the_readme() -> None:
    assert "docs/settings.md" in refusal(BAILIFF_QQQQQQQQQQQQQQ="x")


def test_variables_of_other_programs_are_ignored() -> None:
    assert load_with(SLACK_SIGNING_SECRET="x", BAILIFFS="y", AWS_PROFILE="z")


@pytest.mark.parametrize("variable", sorted(str(field.alias) for field in Settings.model_fields.values()))
def test_an_empty_variable_means_the_default(variable: str) -> None:
    assert load_with(**{variable: ""}) == load_with()


def test_every_setting_has_a_variable_and_a_description() -> None:
    for field in Settings.model_fields.values():
        assert (field.alias or "").startswith(PREFIXES)
        assert field.description


def test_the_defaults_are_the_policys_own() -> None:
    assert load_with().policy() == Policy(reads_usage=True)


def test_lists_are_separated_by_commas_or_blanks() -> None:
    found = load_with(
        BAILIFF_REGIONS=" eu-west-1,us-gov-west-1  ap-southeast-2,",
        BAILIFF_ROLE_ARNS=f"{ROLE}\n{ROLE}2",
        BAILIFF_EXPECTED_UNREAD="sa-*, 123456789012/*",
    )
    assert found.regions == ("eu-west-1", "us-gov-west-1", "ap-southeast-2")
    assert found.role_arns == (ROLE, f"{ROLE}2")
    assert found.expected_unread == ("sa-*", "123456789012/*")


def test_tags_and_teams_may_contain_blanks() -> None:
    found = load_with(
        BAILIFF_OWNER_TAGS="Cost Owner, owner", BAILIFF_EXEMPT_TAGS="keep=yes please,x", ASKBOB_TEAMS="Team A"
    )
    assert found.owner_tags == ("Cost Owner", "owner")
    assert found.exempt_tags == ("keep=yes please", "x")
    assert found.askbob_teams == ("Team A",)


@pytest.mark.parametrize("value", ["all", " all ", ","])
def test_all_regions_are_those_an_account_has_enabled(value: str) -> None:
    assert load_with(BAILIFF_REGIONS=value).regions == ("all",)


def test_the_policy_is_what_the_variables_say() -> None:
    policy = load_with(
        BAILIFF_STOPPED_DAYS="7",
        BAILIFF_RUNNING_DAYS="8",
        BAILIFF_GRACE_HOURS="0",
        BAILIFF_ALLOWED_REGIONS="eu-west-1",
        BAILIFF_EXEMPT_TAGS="keep",
        BAILIFF_EXEMPT_TAG_DAYS="90",
        BAILIFF_MANAGED_TAGS="pool=Acme pool, Vendor=Acme=Acme worker",
        BAILIFF_OWNER_TAGS="team",
        BAILIFF_OWNER_DOMAIN="octo.example",
        BAILIFF_NOT_IDENTIFIERS="prod Dev",
        BAILIFF_EXPECTED_UNREAD="sa-*",
    ).policy()
    assert policy == Policy(
        7,
        8,
        0,
        frozenset({"eu-west-1"}),
        ("keep",),
        ("pool=Acme pool", "Vendor=Acme=Acme worker"),
        ("team",),
        "octo.example",
        frozenset({"PROD", "DEV"}),
        ("sa-*",),
        exempt_tag_days=90,
        reads_usage=True,
    )


@pytest.mark.parametrize("value", ["octo", "@octo.example", "ada@octo.example", "https://octo.example"])
def test_an_owner_domain_that_is_no_domain_is_refused(value: str) -> None:
    assert "should be a domain like octo.example" in refusal(BAILIFF_OWNER_DOMAIN=value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_used_through_psycopg(scheme: str) -> None:
    found = load_with(BAILIFF_DATABASE_URL=f"{scheme}://bailiff:{SECRET}@db/bailiff")
    assert found.database_url.get_secret_value() == f"postgresql+psycopg://bailiff:{SECRET}@db/bailiff"


def test_without_an_address_the_database_is_a_file_in_the_working_directory() -> None:
    assert load_with().database_url.get_secret_value() == "sqlite:///bailiff.sqlite"


@pytest.mark.parametrize("value", ["00:00", "09:30", "23:59"])
def test_a_late_digest_is_sent_until_a_time_of_day(value: str) -> None:
    assert time.fromisoformat(load_with(BAILIFF_DIGEST_UNTIL=value).digest_until).isoformat("minutes") == value


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "https://askbob.example/v1"])
def test_an_address_ends_with_one_slash(address: str) -> None:
    assert load_with(ASKBOB_URL=address).askbob_url == address.rstrip("/") + "/"


def test_an_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BAILIFF_CHANNEL='#cloud'\nBAILIFF_STOPPED_DAYS=7 # a week\n", encoding="utf-8")
    assert (load_with().channel, load_with().stopped_days) == ("#cloud", 7)


def test_the_environment_overrides_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BAILIFF_CHANNEL=filed\nBAILIFF_STOPPED_DAYS=7\n", encoding="utf-8")
    found = load_with(BAILIFF_CHANNEL="exported")
    assert (found.channel, found.stopped_days) == ("exported", 7)


def test_aws_variables_of_the_env_file_are_in_the_environment_for_boto3(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AWS_PROFILE=octo\n", encoding="utf-8")
    load_settings()
    assert os.environ["AWS_PROFILE"] == "octo"


def test_a_wrong_value_in_the_env_file_is_refused_like_any_other(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BAILIFF_STOPPED_DAYS=x\n", encoding="utf-8")
    assert refusal().startswith("BAILIFF_STOPPED_DAYS is wrong: 'x' should be a valid integer")


def test_an_unknown_variable_in_the_env_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BAILIFF_CHANEL=x\n", encoding="utf-8")
    assert "did you mean BAILIFF_CHANNEL?" in refusal()


def test_an_env_file_in_another_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BAILIFF_CHANNEL=général\n".encode("latin-1"))
    assert ".env" in refusal()


def test_the_environment_is_enough_without_an_env_file() -> None:
    assert load_with(BAILIFF_CHANNEL="cloud").channel == "cloud"


def test_no_text_of_the_settings_contains_a_secret() -> None:
    found = load_with(
        SLACK_BOT_TOKEN=f"xoxb-{SECRET}",
        SLACK_APP_TOKEN=f"xapp-{SECRET}",
        ASKBOB_CLIENT_SECRET=SECRET,
        BAILIFF_DATABASE_URL=f"postgresql://bailiff:{SECRET}@db/bailiff",
    )
    assert found.slack_bot_token
    assert found.slack_bot_token.get_secret_value() == f"xoxb-{SECRET}"
    for shown in (repr(found), str(found), found.model_dump_json(), str(found.model_dump()), f"{vars(found)}"):
        assert SECRET not in shown


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load_with().stopped_days = 3  # type: ignore[misc] # mypy refuses it too


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "BAILIFF_CHANNEL", "ASKBOB_CLIENT_SECRET"])
def test_a_missing_required_variable_is_named_with_what_it_should_hold(variable: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} is not set: it should be .*docs/settings.md") as refused:
        load_with().require(variable)
    assert len(str(refused.value).splitlines()) == 1


def test_required_variables_that_are_set_are_accepted() -> None:
    load_with(SLACK_BOT_TOKEN="xoxb-1", BAILIFF_CHANNEL="x").require("SLACK_BOT_TOKEN", "BAILIFF_CHANNEL")


ALL = sorted(str(field.alias) for field in Settings.model_fields.values())
VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.sampled_from(ALL), VALUE)
def test_any_value_is_accepted_or_refused_in_one_line(variable: str, value: str) -> None:
    try:
        found = load_with(**{variable: value})
    except SettingsError as refused:
        assert len(str(refused).splitlines()) == 1  # noqa: PT017 - either outcome will do
        assert variable in str(refused)  # noqa: PT017
    else:
        assert isinstance(found.slack_bot_token, SecretStr | None)


@pytest.mark.parametrize(
    ("variables", "offered"),
    [
        ({}, {Action.KEEP}),
        ({"BAILIFF_TRIAGE_CHANNEL": "triage"}, {Action.KEEP, Action.NOT_MINE}),
        ({"BAILIFF_TRIAGE_CHANNEL": "triage", "BAILIFF_ACTIONS": "not-mine"}, {Action.NOT_MINE}),
        ({"BAILIFF_TRIAGE_CHANNEL": "", "BAILIFF_ACTIONS": "not-mine"}, set()),
        ({"BAILIFF_TRIAGE_CHANNEL": "triage", "BAILIFF_ACTIONS": "none"}, set()),
    ],
)
def test_not_mine_is_offered_once_a_channel_is_told(variables: dict[str, str], offered: set[Action]) -> None:
    assert load_with(**variables).offered_actions == offered
