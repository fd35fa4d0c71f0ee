"""The Askbob of the sandbox, over HTTP."""

import time
from collections.abc import Iterator

import pytest
import requests

from bailiff_bot.sandbox.askbob import AskbobCall, AskbobResponse, AskbobSandbox
from bailiff_bot.sandbox.fixtures import DIRECTORY, DirectoryEntryFixture

TIMEOUT = 5


@pytest.fixture
def askbob() -> Iterator[AskbobSandbox]:
    with AskbobSandbox() as sandbox:
        yield sandbox


def request_token(askbob: AskbobSandbox, **overrides: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": askbob.client_id,
        "client_secret": askbob.client_secret,
    }
    return requests.post(f"{askbob.url}/oauth/token", data=form | overrides, timeout=TIMEOUT)


def get(askbob: AskbobSandbox, path: str, token: str = "") -> requests.Response:
    authorization = token or request_token(askbob).json()["access_token"]
    headers = {"Authorization": f"Bearer {authorization}"}
    return requests.get(f"{askbob.url}{path}", headers=headers, timeout=TIMEOUT, allow_redirects=False)


def test_gives_a_token_for_the_right_secret_only(askbob: AskbobSandbox) -> None:
    response = request_token(askbob).json()

    assert set(response) == {"access_token", "token_type", "expires_in"}
    assert request_token(askbob, client_secret="wrong").status_code == 401
    assert request_token(askbob, grant_type="password").status_code == 400


def test_lists_the_teams_and_people_of_the_fixtures(askbob: AskbobSandbox) -> None:
    teams = get(askbob, "/api/v2/teams").json()["data"]
    rows = [row for team in teams for row in get(askbob, f"/api/v2/teams/{team['id']}/people").json()["data"]]

    assert teams == [{"id": 1, "code_name": "BDA"}, {"id": 2, "code_name": "SCALE"}]
    assert rows == [{"trigram": entry.trigram, "email": entry.email} for entry in DIRECTORY]
    assert {"trigram": "MLG", "email": None} in rows


def test_an_unknown_path_is_not_found(askbob: AskbobSandbox) -> None:
    assert get(askbob, "/api/v2/teams/3/people").status_code == 404


def test_refuses_a_token_in_the_url(askbob: AskbobSandbox) -> None:
    token = request_token(askbob).json()["access_token"]

    answer = requests.get(f"{askbob.url}/api/v2/teams?access_token={token}", timeout=TIMEOUT)

    assert answer.status_code == 400
    assert askbob.calls[-1] == AskbobCall("GET", "/api/v2/teams", has_bearer_token=False, has_query_token=True)


def test_refuses_an_unknown_and_an_expired_token(askbob: AskbobSandbox) -> None:
    token = request_token(askbob).json()["access_token"]
    askbob.expire_tokens()

    assert get(askbob, "/api/v2/teams", token).status_code == 401
    assert get(askbob, "/api/v2/teams", "made up").status_code == 401
    assert get(askbob, "/api/v2/teams").status_code == 200


def test_can_fail_in_one_team(askbob: AskbobSandbox) -> None:
    askbob.fail_team("SCALE")

    assert get(askbob, "/api/v2/teams/2/people").status_code == 500
    assert get(askbob, "/api/v2/teams/1/people").status_code == 200


def test_can_be_down_and_work_again(askbob: AskbobSandbox) -> None:
    askbob.stub_unavailable()

    assert request_token(askbob).status_code == 503
    askbob.clear_faults()
    assert request_token(askbob).status_code == 200


def test_can_answer_html_redirects_and_anything_else(askbob: AskbobSandbox) -> None:
    askbob.stub_team_body("BDA", '{"data": [')
    askbob.stub_html("/api/v2/teams")
    askbob.stub_redirect("http://127.0.0.1:1/", "/api/v2/teams/2/people")

    assert get(askbob, "/api/v2/teams/1/people").text == '{"data": ['
    assert get(askbob, "/api/v2/teams").headers["Content-Type"] == "text/html"
    assert get(askbob, "/api/v2/teams/2/people").headers["Location"] == "http://127.0.0.1:1/"


def test_can_limit_a_number_of_requests(askbob: AskbobSandbox) -> None:
    askbob.stub_rate_limit(2, retry_after=7)

    answers = [request_token(askbob) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_can_drop_a_connection(askbob: AskbobSandbox) -> None:
    askbob.stub_dropped_connection(1)

    with pytest.raises(requests.ConnectionError):
        request_token(askbob)

    assert request_token(askbob).status_code == 200


def test_can_be_slow_and_still_stops(askbob: AskbobSandbox) -> None:
    askbob.delay_responses(3600)

    with pytest.raises(requests.ReadTimeout):
        requests.get(askbob.url, timeout=0.2)


def test_can_have_other_people(askbob: AskbobSandbox) -> None:
    askbob.replace_entries([DirectoryEntryFixture("NEW", "new@octo.example", "BDA")])

    assert get(askbob, "/api/v2/teams/1/people").json() == {"data": [{"trigram": "NEW", "email": "new@octo.example"}]}


def test_its_environment_has_its_url(askbob: AskbobSandbox) -> None:
    assert askbob.environment()["ASKBOB_URL"] == askbob.url


def test_leaves_nothing_behind() -> None:
    started = time.monotonic()
    with AskbobSandbox() as askbob:
        askbob.stub_response(".*", AskbobResponse(204))
        assert requests.get(askbob.url, timeout=TIMEOUT).status_code == 204

    with pytest.raises(requests.ConnectionError):
        requests.get(askbob.url, timeout=TIMEOUT)
    assert time.monotonic() - started < TIMEOUT
