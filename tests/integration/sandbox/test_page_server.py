"""The page's files as they are served, and the hints that there is something new."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import resources
from urllib.parse import urlsplit

import pytest

from bailiff_bot.sandbox.slack import InteractionError, SlackSandbox

FILES = resources.files("bailiff_bot.sandbox.page") / "static"
LESS_THAN_A_HEARTBEAT = 3.0
"""Seconds: every five there is a hint, whatever happened."""
ELSEWHERE = "/page/../site.py /page/..%2fsite.py /page/%2e%2e/site.py /page//etc/passwd /page/no.js /page/site.py"


@contextmanager
def get(slack: SlackSandbox, path: str) -> Iterator[http.client.HTTPResponse]:
    """Ask for a path as it stands there, which urllib would tidy up."""
    connection = http.client.HTTPConnection(urlsplit(slack.url).netloc, timeout=LESS_THAN_A_HEARTBEAT)
    with closing(connection):
        connection.request("GET", path)
        with connection.getresponse() as answer:
            yield answer


@pytest.fixture
def hints(slack: SlackSandbox) -> Iterator[http.client.HTTPResponse]:
    """Listen as a page does; the first hint, which comes at once, has been read."""
    with get(slack, "/page/hints") as stream:
        assert (stream.readline(), stream.readline()) == (b"data: look\n", b"\n")
        yield stream


def test_the_page_runs_no_script_but_its_own_and_asks_nobody_else(slack: SlackSandbox) -> None:
    with get(slack, "/") as page:
        policy, body = page.headers["Content-Security-Policy"], page.read().decode()
    assert page.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "://" not in body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/page/main.js", "text/javascript"),
        ("/page/blocks/blocks.js", "text/javascript"),
        ("/page/style/base.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ],
)
def test_files_are_served_as_what_they_are(slack: SlackSandbox, path: str, kind: str) -> None:
    with get(slack, path) as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, kind)
        assert answer.read() == FILES.joinpath(*path.split("/")[2:]).read_bytes()


@pytest.mark.parametrize("path", ELSEWHERE.split())
def test_nothing_else_is_served(slack: SlackSandbox, path: str) -> None:
    with get(slack, path) as answer:
        assert answer.status == 404


def test_a_hint_comes_when_something_was_said(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    slack.driver.user("ada").post_message("hello", "general")
    assert hints.readline() == b"data: look\n"


def test_looking_gives_no_hint(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    slack.driver.user("ada").visible_messages("general")
    slack.driver.calls()
    with pytest.raises(TimeoutError):
        hints.readline()


def test_streams_end_with_the_sandbox() -> None:
    with ExitStack() as opened:
        with SlackSandbox() as slack:
            stream = opened.enter_context(get(slack, "/page/hints"))
        assert stream.read().startswith(b"data: look\n\n")


def test_what_the_page_asks_for_opens_no_conversation(slack: SlackSandbox) -> None:
    for _ in range(2):
        around = slack.driver.request("around", user="ada")
        assert around["direct"] == {"id": None, "latest": None}
    assert [place["name"] for place in around["places"]] == ["cloud-costs", "general", "with-partner"]


def test_who_was_deactivated_sees_nothing(slack: SlackSandbox) -> None:
    with pytest.raises(InteractionError, match="deactivated"):
        slack.driver.request("around", user="paul")
