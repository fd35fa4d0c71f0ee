from bailiff_bot.messages.document import Bold
from bailiff_bot.slack.blocks.elements import as_json, header, paragraph, section
from tests.message_checks import nodes


def test_blocks_carry_no_random_ids_so_that_equal_messages_are_equal() -> None:
    drawn = as_json([paragraph(("a", Bold("b"))), header("c")])
    assert not [node for node in nodes(drawn) if "block_id" in node]
    assert drawn == as_json([paragraph(("a", Bold("b"))), header("c")])


def test_empty_spans_of_a_line_are_left_out() -> None:
    [drawn] = as_json([paragraph(("a", "", Bold("b"), Bold("")))])
    assert [node["text"] for node in nodes(drawn) if node.get("type") == "text"] == ["a", "b"]
    assert len(section(("", "a")).elements or []) == 1
