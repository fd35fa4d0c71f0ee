"""The files of the page, and the events that tell the page to load something new."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import resources
from urllib.parse import urlsplit

import pytest

from bailiff_bot.sandbox.slack import InteractionError, SlackSandbox

FILES = resources.files("bailiff_bot.sandbox.page") / "static"
SHORTER_THAN_HEARTBEAT = 3.0
"""Seconds. The server sends a hint at least every five."""
OTHER_PATHS = "/page/../site.py /page/..%2fsite.py /page/%2e%2e/site.py /page//etc/passwd /page/no.js /page/site.py"


@contextmanager
def get(slack: SlackSandbox, path: str) -> Iterator[http.client.HTTPResponse]:
    """Request a path as it is. urllib would normalise it."""
    connection = http.client.HTTPConnection(urlsplit(slack.url).netloc, timeout=SHORTER_THAN_HEARTBEAT)
    with closing(connection):
        connection.request("GET", path)
        with connection.getresponse() as answer:
            yield answer


@pytest.fixture
def hints(slack: SlackSandbox) -> Iterator[http.client.HTTPResponse]:
    """Return the stream of hints, after the first hint, which comes at once."""
    with get(slack, "/page/hints") as stream:
        assert (stream.readline(), stream.readline()) == (b"data: look\n", b"\n")
        yield stream


def test_the_page_may_run_only_its_own_scripts_and_names_no_other_host(slack: SlackSandbox) -> None:
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
def test_files_are_served_with_their_content_type(slack: SlackSandbox, path: str, kind: str) -> None:
    with get(slack, path) as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, kind)
        assert answer.read() == FILES.joinpath(*path.split("/")[2:]).read_bytes()


@pytest.mark.parametrize("path", OTHER_PATHS.split())
def test_other_paths_are_not_found(slack: SlackSandbox, path: str) -> None:
    with get(slack, path) as answer:
        assert answer.status == 404


def test_a_new_message_sends_a_hint(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    slack.driver.user("ada").post_message("hello", "general")
    assert hints.readline() == b"data: look\n"


def test_reading_sends_no_hint(slack: SlackSandbox, hints: http.client.HTTPResponse) -> None:
    slack.driver.user("ada").visible_messages("general")
    slack.driver.calls()
    with pytest.raises(TimeoutError):
        hints.readline()


def test_streams_end_with_the_sandbox() -> None:
    with ExitStack() as stack:
        with SlackSandbox() as slack:
            stream = stack.enter_context(get(slack, "/page/hints"))
        assert stream.read().startswith(b"data: look\n\n")


def test_the_overview_opens_no_conversation(slack: SlackSandbox) -> None:
    for _ in range(2):
        overview = slack.driver.request("around", user="ada")
        assert overview["direct"] == {"id": None, "latest": None}
    names = [channel["name"] for channel in overview["places"]]
    assert names == ["cloud-costs", "general", "with-partner", "cloud-triage"]


def test_a_deactivated_user_sees_nothing(slack: SlackSandbox) -> None:
    with pytest.raises(InteractionError, match="deactivated"):
        slack.driver.request("around", user="paul")
