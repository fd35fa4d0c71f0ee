"""A wrong setting or argument ends the command with one line, which names cause and remedy, and the right exit code."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, CompletedCommand, run_in_process

FAILED, MISUSED, INCOMPLETE = 1, 2, 3
NOBODY_LISTENS = "http://127.0.0.1:1"
NO_SETTINGS = dict.fromkeys(
    ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "BAILIFF_CHANNEL", "BAILIFF_ROLE_ARNS"), ""
)


def error_line(result: CompletedCommand) -> str:
    """Return the one line on standard error that is not a log line. Fails if there is a traceback."""
    assert "Traceback" not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    assert line.startswith("bailiff: ")
    return line


WRONG_SETTINGS: list[tuple[dict[str, str], str]] = [
    ({"SLACK_BOT_TOKEN": "xapp-secret"}, "SLACK_BOT_TOKEN is wrong: it should start with xoxb-"),
    ({"SLACK_APP_TOKEN": "xoxb-secret"}, "SLACK_APP_TOKEN is wrong: it should start with xapp-"),
    ({"BAILIFF_REGIONS": "eu-west-1,atlantis"}, "BAILIFF_REGIONS is wrong: 'eu-west-1,atlantis' should"),
    ({"BAILIFF_DIGEST_CRON": "every day"}, "BAILIFF_DIGEST_CRON is 'every day', but there are 2 fields"),
    ({"BAILIFF_RUNNING_DAYS": "-1"}, "BAILIFF_RUNNING_DAYS is wrong: '-1' should be greater"),
    ({"BAILIFF_CHANEL": "x"}, "BAILIFF_CHANEL is not a setting of Bailiff: did you mean BAILIFF_CHANNEL?"),
    (NO_SETTINGS, "SLACK_BOT_TOKEN is not set: it should be the bot's token"),
]


@pytest.fixture(scope="module")
def results_by_message(sandbox: Sandbox) -> dict[str, CompletedCommand]:
    """Start the bot with each wrong setting, four at a time. Returns the results by expected message."""
    with ThreadPoolExecutor(4) as pool:
        result = pool.map(lambda case: sandbox.run_cli("run", **case[0]), WRONG_SETTINGS)
        return dict(zip((message for _, message in WRONG_SETTINGS), result, strict=True))


@pytest.mark.parametrize("message", [message for _, message in WRONG_SETTINGS])
def test_a_wrong_setting_ends_the_start_and_names_the_variable_and_the_right_form(
    results_by_message: dict[str, CompletedCommand], message: str
) -> None:
    result = results_by_message[message]
    assert message in error_line(result)
    assert result.returncode == MISUSED
    assert "-secret" not in result.stderr


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"BAILIFF_ALLOWED_REGIONS": "Paris"}, "BAILIFF_ALLOWED_REGIONS is wrong: 'Paris' should"),
        ({"BAILIFF_TIMEZONE": "Mars/Olympus"}, "BAILIFF_TIMEZONE is wrong: 'Mars/Olympus' should"),
        ({"BAILIFF_STOPPED_DAYS": "soon"}, "BAILIFF_STOPPED_DAYS is wrong: 'soon' should be a valid integer"),
        ({"BAILIFF_NUDGES": "loud"}, "BAILIFF_NUDGES is wrong: 'loud' should"),
        ({"BAILIFF_ROLE_ARNS": "arn:x"}, "BAILIFF_ROLE_ARNS is wrong: 'arn:x' should"),
        ({"BAILIFF_EXTERNAL_ID": "a b"}, "BAILIFF_EXTERNAL_ID"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL is wrong: 'slack.com' should be an address"),
        ({"ASKBOB_URL": "askbob"}, "ASKBOB_URL is wrong: 'askbob' should be an address"),
        ({"ASKBOB_CLIENT_SECRET": ""}, "ASKBOB_CLIENT_SECRET is not set"),
        ({"BAILIFF_DIGEST_CRON": "0 9 31 2 *"}, "BAILIFF_DIGEST_CRON is '0 9 31 2 *', but no such day exists"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is not set: it should be the app-level token"),
    ],
)
def test_a_malformed_setting_is_reported_in_one_line(sandbox: Sandbox, overrides: dict[str, str], message: str) -> None:
    result = run_in_process(sandbox, "run", **overrides)
    assert message in error_line(result)
    assert (result.returncode, result.stdout) == (MISUSED, "")


def test_a_digest_without_a_channel_names_the_variable(sandbox: Sandbox) -> None:
    result = run_in_process(sandbox, "digest", BAILIFF_CHANNEL="")
    assert "BAILIFF_CHANNEL is not set" in error_line(result)
    assert result.returncode == MISUSED


@pytest.mark.parametrize("command", ["run", "digest"])
def test_a_refused_bot_token_is_reported_with_the_remedy(sandbox: Sandbox, command: str) -> None:
    result = sandbox.run_cli(command, SLACK_BOT_TOKEN="xoxb-wrong", **ONE_REGION)
    assert "invalid_auth; SLACK_BOT_TOKEN is wrong: copy it again" in error_line(result)
    assert result.returncode == FAILED
    assert "xoxb-wrong" not in result.stderr


def test_a_refused_app_token_is_reported_with_the_remedy(sandbox: Sandbox) -> None:
    result = sandbox.run_cli("run", SLACK_APP_TOKEN="xapp-wrong", **ONE_REGION)
    assert "Slack refused apps_connections_open: invalid_auth; SLACK_APP_TOKEN is wrong" in error_line(result)
    assert result.returncode == FAILED
    assert "xapp-wrong" not in result.stderr


@pytest.mark.parametrize("command", ["run", "digest"])
def test_an_unreachable_slack_is_reported_with_its_address(sandbox: Sandbox, command: str) -> None:
    result = sandbox.run_cli(command, SLACK_API_URL=NOBODY_LISTENS, **ONE_REGION)
    assert f"Slack cannot be reached at {NOBODY_LISTENS}" in error_line(result)
    assert result.returncode == FAILED


def test_an_unreachable_aws_is_an_unread_account(sandbox: Sandbox) -> None:
    result = run_in_process(sandbox, "report", AWS_ENDPOINT_URL=NOBODY_LISTENS, **ONE_REGION)
    assert "(unreachable)" in error_line(result)
    assert "Nothing could be read" in result.stdout
    assert result.returncode == INCOMPLETE


def test_a_missing_aws_key_is_an_unread_account(sandbox: Sandbox) -> None:
    result = run_in_process(sandbox, "report", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", **ONE_REGION)
    assert "(no credentials)" in error_line(result)
    assert result.returncode == INCOMPLETE


@pytest.mark.parametrize(
    "arguments",
    [("--nonsense",), ("nonsense",), ("report", "--nonsense"), ("report", "--format", "xml"), ("digest", "--preview")],
)
def test_an_unknown_argument_is_misuse_without_a_traceback(sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    result = run_in_process(sandbox, *arguments)
    assert result.returncode == MISUSED
    assert arguments[-1] in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (("cost>x",), "Bailiff cannot filter by the cost “cost>x”. Type one, as cost>100 or cost>=100"),
        (("abandond",), "Unknown filter “abandond”. Did you mean “abandoned”?"),
        (("eu-west-1", "eu-north-9"), "Bailiff does not read eu-north-9, so it knows nothing about it."),
    ],
)
def test_a_wrong_filter_is_misuse_told_in_one_line(sandbox: Sandbox, filters: tuple[str, ...], message: str) -> None:
    result = run_in_process(sandbox, "report", *filters, **ONE_REGION)
    assert message in error_line(result)
    assert (result.returncode, result.stdout) == (MISUSED, "")


def test_a_region_that_aws_does_not_know_does_not_hide_the_others(sandbox: Sandbox) -> None:
    overrides = ONE_REGION | {"BAILIFF_REGIONS": "eu-west-1,eu-west-9"}
    result = run_in_process(sandbox, "report", "--format", "json", **overrides)
    assert "eu-west-9 (no such region)" in error_line(result)
    assert json.loads(result.stdout)["instances"] > 0
    assert result.returncode == INCOMPLETE
