"""The page's files as they are served, and the hints that there is something new."""

import http.client
from collections.abc import Iterator
from importlib import resources
from urllib.parse import urlsplit

import pytest

from bailiff_bot.sandbox.slack import SlackSandbox

FILES = resources.files("bailiff_bot.sandbox.page") / "static"


def get(slack: SlackSandbox, path: str) -> http.client.HTTPResponse:
    """Ask for a path as it stands there, which urllib would tidy up."""
    connection = http.client.HTTPConnection(urlsplit(slack.url).netloc, timeout=10)
    connection.request("GET", path)
    return connection.getresponse()


@pytest.fixture
def hints(slack: SlackSandbox) -> Iterator[http.client.HTTPResponse]:
    """Listen as a page does; the first hint, which comes at once, has been read."""
    with get(slack, "/page/hints") as stream:
        assert stream.readline() == b"data: look\n"
        yield stream


def test_the_page_runs_no_script_but_its_own_and_asks_nobody_else(slack: SlackSandbox) -> None:
    with get(slack, "/") as page:
        policy = page.headers["Content-Security-Policy"]
        body = page.read().decode()
    assert page.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in body.replace("https://", "http://").replace("http-equiv", "")


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
        assert answer.read() == (FILES / path.removeprefix("/page/")).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/page/../site.py",
        "/page/..%2fsite.py",
        "/page/%2e%2e/site.py",
        "/page//etc/passwd",
        "/page/no.js",
        "/page/site.py",
    ],
)
def test_nothing_else_is_served(slack: SlackSandbox, path: str) -> None:
    with get(slack, path) as answer:
        assert answer.status == 404


def test_a_hint_comes_when_something_was_said(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    assert hints.readline() == b"\n"
    slack.driver.user("ada").says("hello", "general")
    assert hints.readline() == b"data: look\n"


def test_looking_gives_no_hint(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    assert hints.readline() == b"\n"
    for _ in range(3):
        slack.driver.user("ada").sees("general")
        slack.driver.calls()
    sock = hints.fp.raw._sock  # type: ignore[union-attr] # noqa: SLF001 - http.client keeps it there
    sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        hints.readline()


def test_streams_end_with_the_sandbox() -> None:
    with SlackSandbox() as slack:
        stream = get(slack, "/page/hints")
    with stream:
        assert stream.read().startswith(b"data: look\n\n")


def test_what_the_page_asks_for_opens_no_conversation(slack: SlackSandbox) -> None:
    around = slack.driver.ask("around", user="ada")
    assert around["direct"] == {"id": None, "latest": None}
    assert slack.driver.ask("around", user="ada")["direct"]["id"] is None
    assert [place["name"] for place in around["places"]] == ["cloud-costs", "general", "with-partner"]
    with pytest.raises(Exception, match="deactivated"):
        slack.driver.ask("around", user="paul")
