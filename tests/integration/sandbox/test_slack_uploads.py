"""Uploads in three steps, and each of them gone wrong."""

from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox.slack.driver import Driver

COSTS = "C0COSTS001"


def announced(web: WebClient, length: int = 3) -> tuple[str, str]:
    answer = web.files_getUploadURLExternal(filename="x.csv", length=length)
    return str(answer["file_id"]), str(answer["upload_url"])


def completed(web: WebClient, file: str, **where: Any) -> Any:
    return web.files_completeUploadExternal(files=[{"id": file, "title": "Everything"}], **where)


@pytest.mark.parametrize("sent", [{"data": b"a,b"}, {"files": {"file": ("x.csv", b"a,b")}}])
def test_the_content_may_come_raw_or_as_a_form(sent: dict[str, Any], web: WebClient, driver: Driver) -> None:
    file, url = announced(web)
    assert requests.post(url, **sent, timeout=5).status_code == 200
    completed(web, file, channel_id=COSTS)
    (message,) = driver.user("ada").visible_messages("cloud-costs")
    assert [shared.content for shared in message.files] == [b"a,b"]


def test_the_content_has_the_length_that_was_announced(web: WebClient) -> None:
    _, url = announced(web, length=4)
    assert requests.post(url, data=b"a,b", timeout=5).status_code == 400
    assert requests.post(f"{url}0", data=b"a,b", timeout=5).status_code == 404


def test_a_file_is_shared_only_after_its_content_came(web: WebClient) -> None:
    file, _ = announced(web)
    with pytest.raises(SlackApiError, match="file_not_found"):
        completed(web, file, channel_id=COSTS)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"channel_id": "cloud-costs"}, "channel_not_found"),
        ({"channel_id": "C0OPSPRIV4"}, "channel_not_found"),
        ({"channel_id": "U0AGR00001"}, "channel_not_found"),
        ({"channel_id": "C0GENERAL2"}, "not_in_channel"),
        ({"channel_id": COSTS, "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
def test_a_file_goes_where_the_bot_is_and_a_thread_is(where: dict[str, str], code: str, web: WebClient) -> None:
    file, url = announced(web)
    requests.post(url, data=b"a,b", timeout=5)
    with pytest.raises(SlackApiError, match=code):
        completed(web, file, **where)


def test_a_file_without_a_channel_stays_private(web: WebClient, driver: Driver) -> None:
    file, url = announced(web)
    requests.post(url, data=b"a,b", timeout=5)
    assert completed(web, file)["files"][0]["title"] == "Everything"
    assert driver.user("ada").visible_messages("cloud-costs") == []


def test_a_file_that_is_deleted_is_gone_from_the_thread_and_from_the_workspace(web: WebClient, driver: Driver) -> None:
    file, url = announced(web)
    requests.post(url, data=b"a,b", timeout=5)
    completed(web, file, channel_id=COSTS)
    assert len(driver.user("ada").visible_messages("cloud-costs")) == 1
    web.files_delete(file=file)
    assert driver.user("ada").visible_messages("cloud-costs") == []
    with pytest.raises(SlackApiError, match="file_not_found"):
        web.files_delete(file=file)
