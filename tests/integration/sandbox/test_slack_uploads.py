"""Uploads in three steps, and the errors of each step."""

from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bailiff_bot.sandbox.slack.driver import Driver

CHANNEL = "C0COSTS001"


def request_upload_url(web: WebClient, length: int = 3) -> tuple[str, str]:
    answer = web.files_getUploadURLExternal(filename="x.csv", length=length)
    return str(answer["file_id"]), str(answer["upload_url"])


def complete_upload(web: WebClient, file: str, **destination: Any) -> Any:
    return web.files_completeUploadExternal(files=[{"id": file, "title": "Everything"}], **destination)


@pytest.mark.parametrize("post_arguments", [{"data": b"a,b"}, {"files": {"file": ("x.csv", b"a,b")}}])
def test_the_content_can_be_raw_or_a_form(post_arguments: dict[str, Any], web: WebClient, driver: Driver) -> None:
    file, url = request_upload_url(web)
    assert requests.post(url, **post_arguments, timeout=5).status_code == 200
    complete_upload(web, file, channel_id=CHANNEL)
    (message,) = driver.user("ada").visible_messages("cloud-costs")
    assert [file.content for file in message.files] == [b"a,b"]


def test_content_of_another_length_is_refused(web: WebClient) -> None:
    _, url = request_upload_url(web, length=4)
    assert requests.post(url, data=b"a,b", timeout=5).status_code == 400
    assert requests.post(f"{url}0", data=b"a,b", timeout=5).status_code == 404


def test_a_file_cannot_be_shared_before_its_content_is_uploaded(web: WebClient) -> None:
    file, _ = request_upload_url(web)
    with pytest.raises(SlackApiError, match="file_not_found"):
        complete_upload(web, file, channel_id=CHANNEL)


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ({"channel_id": "cloud-costs"}, "channel_not_found"),
        ({"channel_id": "C0OPSPRIV4"}, "channel_not_found"),
        ({"channel_id": "U0AGR00001"}, "channel_not_found"),
        ({"channel_id": "C0GENERAL2"}, "not_in_channel"),
        ({"channel_id": CHANNEL, "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
def test_a_file_can_be_shared_only_in_an_existing_thread_of_a_joined_channel(
    destination: dict[str, str], code: str, web: WebClient
) -> None:
    file, url = request_upload_url(web)
    requests.post(url, data=b"a,b", timeout=5)
    with pytest.raises(SlackApiError, match=code):
        complete_upload(web, file, **destination)


def test_a_file_without_a_channel_stays_private(web: WebClient, driver: Driver) -> None:
    file, url = request_upload_url(web)
    requests.post(url, data=b"a,b", timeout=5)
    assert complete_upload(web, file)["files"][0]["title"] == "Everything"
    assert driver.user("ada").visible_messages("cloud-costs") == []


def test_a_deleted_file_is_not_in_the_channel_any_more(web: WebClient, driver: Driver) -> None:
    file, url = request_upload_url(web)
    requests.post(url, data=b"a,b", timeout=5)
    complete_upload(web, file, channel_id=CHANNEL)
    assert len(driver.user("ada").visible_messages("cloud-costs")) == 1
    web.files_delete(file=file)
    assert driver.user("ada").visible_messages("cloud-costs") == []
    with pytest.raises(SlackApiError, match="file_not_found"):
        web.files_delete(file=file)
