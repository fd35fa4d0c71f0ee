import html

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.messages.document import sentence
from bailiff_bot.slack.blocks.payload import escape, post_arguments
from bailiff_bot.slack.blocks.render import render
from tests.message_checks import meaningless_fields, nodes

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&😀"))


@given(ANY_TEXT)
def test_escaped_text_holds_no_mention_and_no_link(text: str) -> None:
    assert not set("<>") & set(escape(text))


@given(ANY_TEXT.filter(lambda text: "&" not in text))
def test_escaped_text_is_shown_unchanged(text: str) -> None:
    assert escape(text).replace("&lt;", "<").replace("&gt;", ">") == text


def test_text_that_looks_escaped_is_shown_unchanged() -> None:
    assert html.unescape(escape("&lt;!channel&gt;")) == "&lt;!channel&gt;"


def test_the_text_is_escaped_and_blocks_are_not() -> None:
    arguments = post_arguments(render(sentence("<!channel> & co")))
    assert arguments["text"] == "&lt;!channel&gt; &amp; co"
    assert [node["text"] for node in nodes(arguments["blocks"]) if "text" in node] == ["<!channel> & co"]


def test_fields_that_an_earlier_version_stored_and_that_say_nothing_are_not_sent() -> None:
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [], "offset": 0, "border": 0}
    stored = {"text": "x", "plain": "x", "blocks": [{"type": "rich_text", "elements": [bullets]}]}
    [block] = post_arguments(stored)["blocks"]
    assert block == {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": []}]}


def test_a_zero_that_is_a_value_is_sent() -> None:
    cell = {"type": "raw_number", "value": 0, "text": "0"}
    [block] = post_arguments({"text": "x", "blocks": [{"type": "data_table", "rows": [[cell]]}]})["blocks"]
    assert block["rows"] == [[cell]]
    assert meaningless_fields(block) == []
