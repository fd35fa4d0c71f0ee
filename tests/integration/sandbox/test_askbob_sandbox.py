"""The sandbox's Askbob, asked over HTTP."""

import time
from collections.abc import Iterator

import pytest
import requests

from bailiff_bot.sandbox.askbob import AskbobCall, AskbobResponse, AskbobSandbox
from bailiff_bot.sandbox.fixtures import DIRECTORY, DirectoryEntryFixture

SECONDS = 5


@pytest.fixture
def askbob() -> Iterator[AskbobSandbox]:
    with AskbobSandbox() as sandbox:
        yield sandbox


def ask_token(askbob: AskbobSandbox, **changed: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": askbob.client_id,
        "client_secret": askbob.client_secret,
    }
    return requests.post(f"{askbob.url}/oauth/token", data=form | changed, timeout=SECONDS)


def get(askbob: AskbobSandbox, path: str, token: str = "") -> requests.Response:
    authorization = token or ask_token(askbob).json()["access_token"]
    headers = {"Authorization": f"Bearer {authorization}"}
    return requests.get(f"{askbob.url}{path}", headers=headers, timeout=SECONDS, allow_redirects=False)


def test_gives_a_token_for_the_right_secret_only(askbob: AskbobSandbox) -> None:
    given = ask_token(askbob).json()

    assert set(given) == {"access_token", "token_type", "expires_in"}
    assert ask_token(askbob, client_secret="wrong").status_code == 401
    assert ask_token(askbob, grant_type="password").status_code == 400


def test_lists_the_teams_and_people_of_the_fixtures(askbob: AskbobSandbox) -> None:
    teams = get(askbob, "/api/v2/teams").json()["data"]
    rows = [row for team in teams for row in get(askbob, f"/api/v2/teams/{team['id']}/people").json()["data"]]

    assert teams == [{"id": 1, "code_name": "BDA"}, {"id": 2, "code_name": "SCALE"}]
    assert rows == [{"trigram": entry.trigram, "email": entry.email} for entry in DIRECTORY]
    assert {"trigram": "MLG", "email": None} in rows


def test_knows_no_other_page(askbob: AskbobSandbox) -> None:
    assert get(askbob, "/api/v2/teams/3/people").status_code == 404


def test_refuses_a_token_in_the_url(askbob: AskbobSandbox) -> None:
    token = ask_token(askbob).json()["access_token"]

    answer = requests.get(f"{askbob.url}/api/v2/teams?access_token={token}", timeout=SECONDS)

    assert answer.status_code == 400
    assert askbob.calls[-1] == AskbobCall("GET", "/api/v2/teams", has_bearer_token=False, has_query_token=True)


def test_refuses_a_token_that_is_none_or_expired(askbob: AskbobSandbox) -> None:
    token = ask_token(askbob).json()["access_token"]
    askbob.expire_tokens()

    assert get(askbob, "/api/v2/teams", token).status_code == 401
    assert get(askbob, "/api/v2/teams", "made up").status_code == 401
    assert get(askbob, "/api/v2/teams").status_code == 200


def test_can_fail_in_one_team(askbob: AskbobSandbox) -> None:
    askbob.fail_team("SCALE")

    assert get(askbob, "/api/v2/teams/2/people").status_code == 500
    assert get(askbob, "/api/v2/teams/1/people").status_code == 200


def test_can_be_down_and_mended(askbob: AskbobSandbox) -> None:
    askbob.stub_unavailable()

    assert ask_token(askbob).status_code == 503
    askbob.clear_faults()
    assert ask_token(askbob).status_code == 200


def test_can_answer_html_redirects_and_anything_else(askbob: AskbobSandbox) -> None:
    askbob.stub_team_body("BDA", '{"data": [')
    askbob.stub_html("/api/v2/teams")
    askbob.stub_redirect("http://127.0.0.1:1/", "/api/v2/teams/2/people")

    assert get(askbob, "/api/v2/teams/1/people").text == '{"data": ['
    assert get(askbob, "/api/v2/teams").headers["Content-Type"] == "text/html"
    assert get(askbob, "/api/v2/teams/2/people").headers["Location"] == "http://127.0.0.1:1/"


def test_can_limit_a_number_of_requests(askbob: AskbobSandbox) -> None:
    askbob.stub_rate_limit(2, retry_after=7)

    answers = [ask_token(askbob) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_can_drop_a_connection(askbob: AskbobSandbox) -> None:
    askbob.stub_dropped_connection(1)

    with pytest.raises(requests.ConnectionError):
        ask_token(askbob)

    assert ask_token(askbob).status_code == 200


def test_can_be_slow_and_ends_all_the_same(askbob: AskbobSandbox) -> None:
    askbob.delay_responses(3600)

    with pytest.raises(requests.ReadTimeout):
        requests.get(askbob.url, timeout=0.2)


def test_can_have_other_people(askbob: AskbobSandbox) -> None:
    askbob.replace_entries([DirectoryEntryFixture("NEW", "new@octo.example", "BDA")])

    assert get(askbob, "/api/v2/teams/1/people").json() == {"data": [{"trigram": "NEW", "email": "new@octo.example"}]}


def test_tells_the_bot_where_it_is(askbob: AskbobSandbox) -> None:
    assert askbob.environment()["ASKBOB_URL"] == askbob.url


def test_leaves_nothing_behind() -> None:
    begun = time.monotonic()
    with AskbobSandbox() as askbob:
        askbob.stub_response(".*", AskbobResponse(204))
        assert requests.get(askbob.url, timeout=SECONDS).status_code == 204

    with pytest.raises(requests.ConnectionError):
        requests.get(askbob.url, timeout=SECONDS)
    assert time.monotonic() - begun < SECONDS
