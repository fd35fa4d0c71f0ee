"""The Askbob adapter of the bot with the Askbob of the sandbox."""

import json
import logging
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from bailiff_bot.directory.askbob import AskbobDirectory
from bailiff_bot.directory.askbob_client import AskbobClient, AskbobError
from bailiff_bot.domain.identity import DirectoryStatus
from bailiff_bot.sandbox.askbob import CLIENT_SECRET, AskbobSandbox
from bailiff_bot.sandbox.fixtures import DIRECTORY, DirectoryEntryFixture
from tests.builders import reasons

TOKEN, TEAMS, BDA, SCALE = "/oauth/token", "/api/v2/teams", "/api/v2/teams/1/people", "/api/v2/teams/2/people"


@pytest.fixture
def askbob() -> Iterator[AskbobSandbox]:
    with AskbobSandbox() as sandbox:
        yield sandbox


def client(askbob: AskbobSandbox, secret: str = CLIENT_SECRET, read_timeout: float = 5) -> AskbobClient:
    return AskbobClient(askbob.url, askbob.client_id, secret, read_timeout, backoff=0)


def directory(askbob: AskbobSandbox, *teams: str) -> AskbobDirectory:
    return AskbobDirectory(client(askbob), teams)


def paths(askbob: AskbobSandbox) -> list[str]:
    return [call.path for call in askbob.calls]


class TestPeople:
    def test_are_those_of_every_team(self, askbob: AskbobSandbox) -> None:
        people = directory(askbob).people()

        assert people.complete
        assert set(people.addresses) == {entry.trigram for entry in DIRECTORY}
        assert people.address_of("HRO") == "hro@octo.example"
        assert people.status_of("MLG") is DirectoryStatus.NO_ADDRESS
        assert people.status_of("DUP") is DirectoryStatus.CLAIMED_TWICE
        assert people.status_of("VLE") is DirectoryStatus.UNKNOWN

    def test_are_those_of_the_configured_teams(self, askbob: AskbobSandbox) -> None:
        people = directory(askbob, "scale").people()

        assert people.complete
        assert "AGR" not in people.addresses
        assert paths(askbob) == [TOKEN, TEAMS, SCALE]

    def test_have_upper_case_identifiers_and_only_valid_addresses(self, askbob: AskbobSandbox) -> None:
        askbob.replace_entries(
            [DirectoryEntryFixture(" agr ", "", "BDA"), DirectoryEntryFixture("hro", "at home", "BDA")]
        )

        people = directory(askbob).people()

        assert people.complete
        assert people.status_of("AGR") is people.status_of("HRO") is DirectoryStatus.NO_ADDRESS

    def test_whose_identifier_has_the_wrong_length_are_ignored(self, askbob: AskbobSandbox) -> None:
        askbob.replace_entries([*DIRECTORY, DirectoryEntryFixture("ADMIN", "admin@octo.example", "BDA")])

        people = directory(askbob).people()

        assert people.complete
        assert "ADMIN" not in people.addresses


class TestToken:
    def test_is_sent_in_the_header_and_requested_once(self, askbob: AskbobSandbox) -> None:
        askbob_directory = directory(askbob)

        askbob_directory.people()
        askbob_directory.people()

        assert paths(askbob) == [TOKEN, TEAMS, BDA, SCALE, TEAMS, BDA, SCALE]
        assert all(call.has_bearer_token for call in askbob.calls if call.path != TOKEN)
        assert not any(call.has_query_token for call in askbob.calls)

    def test_is_renewed_when_it_has_expired(self, askbob: AskbobSandbox) -> None:
        askbob_directory = directory(askbob)
        askbob_directory.people()
        askbob.expire_tokens()

        assert askbob_directory.people().complete
        assert paths(askbob).count(TOKEN) == 2

    def test_is_renewed_once_only(self, askbob: AskbobSandbox) -> None:
        askbob.stub_status(TEAMS, 401)

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("Askbob answered 401",)
        assert paths(askbob) == [TOKEN, TEAMS, TOKEN, TEAMS]

    def test_is_refused_to_a_wrong_secret(self, askbob: AskbobSandbox) -> None:
        people = AskbobDirectory(client(askbob, secret="wrong")).people()

        assert reasons(people.gaps) == ("Askbob refuses ASKBOB_CLIENT_ID and ASKBOB_CLIENT_SECRET (401)",)

    def test_is_not_requested_again_after_the_connection_broke(self, askbob: AskbobSandbox) -> None:
        askbob.stub_dropped_connection(1, TOKEN)

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("Askbob ended its answer too early",)
        assert paths(askbob) == [TOKEN]

    @pytest.mark.parametrize("body", ["{}", '{"access_token": 7}', '{"access_token": "a\\r\\nX-Evil: b"}', "[]"])
    def test_that_is_malformed_is_a_gap(self, askbob: AskbobSandbox, body: str) -> None:
        askbob.stub_body(TOKEN, body)

        assert len(directory(askbob).people().gaps) == 1

    def test_is_not_sent_to_a_redirect_target(self, askbob: AskbobSandbox) -> None:
        with AskbobSandbox() as elsewhere:
            askbob.stub_redirect(f"{elsewhere.url}{TEAMS}", TEAMS)

            people = directory(askbob).people()

        assert reasons(people.gaps) == ("Askbob redirects to another address (302): set ASKBOB_URL to that address",)
        assert elsewhere.calls == ()


class TestRetries:
    @pytest.mark.parametrize("path", [TOKEN, TEAMS, BDA])
    def test_follow_a_rate_limit(self, askbob: AskbobSandbox, path: str) -> None:
        askbob.stub_rate_limit(2, path=path)

        assert directory(askbob).people().complete
        assert paths(askbob).count(path) == 3

    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_follow_a_gateway_error(self, askbob: AskbobSandbox, status: int) -> None:
        askbob.stub_status(TEAMS, status, times=1)

        assert directory(askbob).people().complete

    def test_wait_as_long_as_retry_after_says(self, askbob: AskbobSandbox) -> None:
        askbob.stub_rate_limit(1, retry_after=1)
        started = time.monotonic()

        assert directory(askbob).people().complete
        assert time.monotonic() - started >= 1

    def test_follow_a_broken_connection(self, askbob: AskbobSandbox) -> None:
        askbob.stub_dropped_connection(1, BDA)

        assert directory(askbob).people().complete

    def test_do_not_follow_a_permanent_error(self, askbob: AskbobSandbox) -> None:
        askbob.stub_status(TEAMS, 404)

        assert reasons(directory(askbob).people().gaps) == ("Askbob answered 404",)
        assert paths(askbob) == [TOKEN, TEAMS]


class TestGaps:
    def test_name_the_failed_team_and_the_others_are_read(self, askbob: AskbobSandbox) -> None:
        askbob.fail_team("SCALE")

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("team SCALE: Askbob answered 500",)
        assert people.address_of("AGR") == "agr@octo.example"
        assert people.status_of("HRO") is DirectoryStatus.UNAVAILABLE

    def test_name_the_configured_team_that_does_not_exist(self, askbob: AskbobSandbox) -> None:
        people = directory(askbob, "BDA", "GONE").people()

        assert reasons(people.gaps) == ("Askbob has no team GONE: check ASKBOB_TEAMS",)
        assert people.address_of("AGR") == "agr@octo.example"

    def test_say_that_askbob_is_down(self, askbob: AskbobSandbox) -> None:
        askbob.stub_unavailable()

        assert reasons(directory(askbob).people().gaps) == ("Askbob answered 503",)

    def test_say_that_askbob_is_slow(self, askbob: AskbobSandbox) -> None:
        askbob.delay_responses(3600)

        people = AskbobDirectory(client(askbob, read_timeout=0.1)).people()

        assert reasons(people.gaps) == ("Askbob did not answer in time",)

    def test_say_that_askbob_cannot_be_reached(self) -> None:
        with AskbobSandbox() as askbob:
            stopped = directory(askbob)

        assert reasons(stopped.people().gaps) == ("Askbob cannot be reached",)

    def test_say_that_a_proxy_answered_html(self, askbob: AskbobSandbox) -> None:
        askbob.stub_html()

        assert reasons(directory(askbob).people().gaps) == ("Askbob answered HTML",)

    def test_name_the_team_that_answered_html(self, askbob: AskbobSandbox) -> None:
        askbob.stub_html(BDA)

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("team BDA: Askbob answered HTML",)
        assert people.address_of("HRO") == "hro@octo.example"

    @pytest.mark.parametrize(
        "body", ['{"data": [', "[]", "{}", '{"data": {}}', '{"data": null}', "", "\x00", "[" * 100_000, "7"]
    )
    def test_report_every_malformed_answer(self, askbob: AskbobSandbox, body: str) -> None:
        askbob.stub_team_body("BDA", body)

        people = directory(askbob).people()

        assert [gap.reason.startswith("team BDA: Askbob answered ") for gap in people.gaps] == [True]
        assert people.address_of("HRO") == "hro@octo.example"

    @pytest.mark.parametrize("row", [{"trigram": "AGR"}, {"trigram": "AGR", "email": None}])
    def test_do_not_include_people_without_an_address(self, askbob: AskbobSandbox, row: Any) -> None:
        askbob.stub_team_body("BDA", json.dumps({"data": [row]}))

        people = directory(askbob).people()

        assert (people.gaps, people.status_of("AGR")) == ((), DirectoryStatus.NO_ADDRESS)

    @pytest.mark.parametrize(
        "row", [7, None, {}, {"email": "a@b.c"}, {"trigram": None, "email": None}, {"trigram": "AGR", "email": 7}]
    )
    def test_count_malformed_people(self, askbob: AskbobSandbox, row: Any) -> None:
        askbob.stub_team_body("BDA", json.dumps({"data": [row, {"trigram": "ALB", "email": "alb@octo.example"}]}))

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("team BDA: unreadable people in Askbob: 1",)
        assert people.address_of("ALB") == "alb@octo.example"

    @pytest.mark.parametrize("row", [7, {"id": "../../admin", "code_name": "X"}, {"id": 3}])
    def test_count_malformed_teams(self, askbob: AskbobSandbox, row: Any) -> None:
        askbob.stub_body(TEAMS, json.dumps({"data": [row, {"id": 1, "code_name": "BDA"}]}))

        people = directory(askbob).people()

        assert reasons(people.gaps) == ("unreadable teams in Askbob: 1",)
        assert people.address_of("AGR") == "agr@octo.example"

    def test_report_an_empty_directory(self, askbob: AskbobSandbox) -> None:
        askbob.replace_entries([])

        assert reasons(directory(askbob).people().gaps) == ("Askbob lists no people",)

    def test_name_the_teams_that_were_not_asked_in_time(self, askbob: AskbobSandbox) -> None:
        seconds = iter([0.0, 29.0, 30.0])

        people = AskbobDirectory(client(askbob), clock=lambda: next(seconds)).people()

        assert reasons(people.gaps) == ("Askbob was too slow: team SCALE was not read",)
        assert people.address_of("AGR") == "agr@octo.example"


class TestSecrets:
    def test_are_not_in_a_repr_a_log_or_an_error(self, askbob: AskbobSandbox, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        askbob_client = client(askbob)
        askbob_client.get_list(TEAMS)
        [token] = askbob.tokens
        askbob.expire_tokens()
        askbob.stub_dropped_connection(9)

        with pytest.raises(AskbobError) as caught:
            askbob_client.get_list(TEAMS)

        texts = (
            caplog.text + repr(askbob_client) + repr(caught.value) + "".join(traceback.format_exception(caught.value))
        )
        assert "oauth/token" in caplog.text
        assert CLIENT_SECRET not in texts
        assert token not in texts
