"""What is set wrongly ends in one line that names the cause and the cure, with the right exit code."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, CompletedCommand, run_in_process

FAILED, MISUSED, INCOMPLETE = 1, 2, 3
NOWHERE = "http://127.0.0.1:1"
NO_SETTINGS = dict.fromkeys(
    ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "BAILIFF_CHANNEL", "BAILIFF_ROLE_ARNS"), ""
)


def complaint(done: CompletedCommand) -> str:
    """Return the one line that is no log; neither it nor the log may hold a traceback."""
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert line.startswith("bailiff: ")
    return line


WRONG: list[tuple[dict[str, str], str]] = [
    ({"SLACK_BOT_TOKEN": "xapp-secret"}, "SLACK_BOT_TOKEN is wrong: it should start with xoxb-"),
    ({"SLACK_APP_TOKEN": "xoxb-secret"}, "SLACK_APP_TOKEN is wrong: it should start with xapp-"),
    ({"BAILIFF_REGIONS": "eu-west-1,atlantis"}, "BAILIFF_REGIONS is wrong: 'eu-west-1,atlantis' should"),
    ({"BAILIFF_DIGEST_CRON": "every day"}, "BAILIFF_DIGEST_CRON is 'every day', but there are 2 fields"),
    ({"BAILIFF_RUNNING_DAYS": "-1"}, "BAILIFF_RUNNING_DAYS is wrong: '-1' should be greater"),
    ({"BAILIFF_CHANEL": "x"}, "BAILIFF_CHANEL is no setting of Bailiff: did you mean BAILIFF_CHANNEL?"),
    (NO_SETTINGS, "SLACK_BOT_TOKEN is not set: it should hold the bot's token"),
]


@pytest.fixture(scope="module")
def starts(sandbox: Sandbox) -> dict[str, CompletedCommand]:
    """Return what came of starting the bot with each of the wrong settings, by its words; four start at a time."""
    with ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda wrong: sandbox.run_cli("run", **wrong[0]), WRONG)
        return dict(zip((words for _, words in WRONG), done, strict=True))


@pytest.mark.parametrize("words", [words for _, words in WRONG])
def test_a_wrong_setting_stops_the_start_with_the_variable_and_what_it_should_be(
    starts: dict[str, CompletedCommand], words: str
) -> None:
    done = starts[words]
    assert words in complaint(done)
    assert done.returncode == MISUSED
    assert "-secret" not in done.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
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
        ({"BAILIFF_DIGEST_CRON": "0 9 31 2 *"}, "BAILIFF_DIGEST_CRON is '0 9 31 2 *', but no such day ever comes"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is not set: it should hold the app-level token"),
    ],
)
def test_a_setting_of_a_wrong_shape_is_told_in_one_line(sandbox: Sandbox, changes: dict[str, str], words: str) -> None:
    done = run_in_process(sandbox, "run", **changes)
    assert words in complaint(done)
    assert (done.returncode, done.stdout) == (MISUSED, "")


def test_a_digest_without_a_channel_names_the_variable(sandbox: Sandbox) -> None:
    done = run_in_process(sandbox, "digest", BAILIFF_CHANNEL="")
    assert "BAILIFF_CHANNEL is not set" in complaint(done)
    assert done.returncode == MISUSED


@pytest.mark.parametrize("command", ["run", "digest"])
def test_a_bot_token_that_slack_refuses_is_told_with_the_cure(sandbox: Sandbox, command: str) -> None:
    done = sandbox.run_cli(command, SLACK_BOT_TOKEN="xoxb-wrong", **ONE_REGION)
    assert "invalid_auth; SLACK_BOT_TOKEN is wrong: copy it again" in complaint(done)
    assert done.returncode == FAILED
    assert "xoxb-wrong" not in done.stderr


def test_an_app_token_that_slack_refuses_is_told_with_the_cure(sandbox: Sandbox) -> None:
    done = sandbox.run_cli("run", SLACK_APP_TOKEN="xapp-wrong", **ONE_REGION)
    assert "Slack refused apps_connections_open: invalid_auth; SLACK_APP_TOKEN is wrong" in complaint(done)
    assert done.returncode == FAILED
    assert "xapp-wrong" not in done.stderr


@pytest.mark.parametrize("command", ["run", "digest"])
def test_a_slack_that_cannot_be_reached_is_told_with_its_address(sandbox: Sandbox, command: str) -> None:
    done = sandbox.run_cli(command, SLACK_API_URL=NOWHERE, **ONE_REGION)
    assert f"Slack cannot be reached at {NOWHERE}" in complaint(done)
    assert done.returncode == FAILED


def test_an_aws_that_cannot_be_reached_is_an_unread_account(sandbox: Sandbox) -> None:
    done = run_in_process(sandbox, "report", AWS_ENDPOINT_URL=NOWHERE, **ONE_REGION)
    assert "(unreachable)" in complaint(done)
    assert "Nothing could be read" in done.stdout
    assert done.returncode == INCOMPLETE


def test_a_missing_aws_key_is_an_unread_account(sandbox: Sandbox) -> None:
    done = run_in_process(sandbox, "report", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", **ONE_REGION)
    assert "(no credentials)" in complaint(done)
    assert done.returncode == INCOMPLETE


@pytest.mark.parametrize(
    "arguments",
    [("--nonsense",), ("nonsense",), ("report", "--nonsense"), ("report", "--format", "xml"), ("digest", "--preview")],
)
def test_an_unknown_word_on_the_command_line_is_misuse_without_a_traceback(
    sandbox: Sandbox, arguments: tuple[str, ...]
) -> None:
    done = run_in_process(sandbox, *arguments)
    assert done.returncode == MISUSED
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_region_that_aws_does_not_know_leaves_the_others_reported(sandbox: Sandbox) -> None:
    changes = ONE_REGION | {"BAILIFF_REGIONS": "eu-west-1,eu-west-9"}
    done = run_in_process(sandbox, "report", "--format", "json", **changes)
    assert "eu-west-9 (no such region)" in complaint(done)
    assert json.loads(done.stdout)["instances"] > 0
    assert done.returncode == INCOMPLETE
