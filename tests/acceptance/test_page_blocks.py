"""The page draws every block that Bailiff may send, and warns of an unknown one."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from slack_sdk import WebClient

from tests.acceptance import block_examples
from tests.acceptance.window import Window


def post_message(web: WebClient, window: Window, *blocks: block_examples.Json, text: str = "words") -> Locator:
    """Post a message. Returns its element on the page."""
    answer: Any = web.chat_postMessage(channel="C0COSTS001", text=text, blocks=list(blocks) or None)
    message = window.page.locator(f"#messages [data-ts='{answer['ts']}']")
    expect(message).to_be_visible()
    return message


def row_names(table: Locator) -> list[str]:
    return [cell.inner_text() for cell in table.get_by_role("rowheader").all()]


def test_markup_is_drawn_as_in_slack(web: WebClient, window: Window) -> None:
    message = post_message(web, window, *block_examples.TEXTS)
    text = message.locator(".section").first
    for tag, text_of_tag in {"strong": "bold", "em": "italic", "s": "strike", "code": "code <tag>"}.items():
        expect(text.locator(tag).first).to_have_text(text_of_tag)
    expect(text.get_by_role("link", name="a link")).to_have_attribute("href", "https://docs.example/a?b=1&c=2")
    assert text.locator(".mention").all_inner_texts() == ["@hector", "#general", "@here"]
    expect(text.locator("time")).to_have_text("14 Nov 2023 at 23:13")
    expect(text).to_contain_text("2*3*4, snake_case_name")
    expect(text.locator("blockquote")).to_have_text("quoted & bold")
    assert text.locator("pre").inner_text() == "preformatted *not bold*\n  indented"
    expect(message.get_by_role("heading")).to_have_text("Everything that is drawn 👀")


def test_fields_context_divider_and_images_are_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, *block_examples.TEXTS)
    assert message.locator(".fields > *").all_inner_texts() == ["Type\nt3.medium", "Region\neu-west-1", "*plain* text"]
    expect(message.get_by_role("button", name="Details")).to_be_visible()
    expect(message.get_by_role("separator")).to_have_count(1)
    expect(message.get_by_role("img", name="A cat")).to_be_visible()
    expect(message.locator(".small-print")).to_contain_text("small print")


def test_buttons_are_green_and_red_as_in_slack(web: WebClient, window: Window) -> None:
    message = post_message(web, window, *block_examples.ACTIONS)
    stop, keep = (message.get_by_role("button", name=name, exact=True) for name in ("Stop", "Keep"))
    expect(stop).to_have_css("background-color", "rgb(179, 38, 30)")
    expect(keep).to_have_css("background-color", "rgb(12, 107, 93)")


def test_rich_text_is_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, *block_examples.RICH)
    line = message.locator("p.rich").first
    expect(line.locator("u")).to_have_text("under")
    expect(line).to_contain_text("👋🦀@ada#general@channel#b3521aTuesday, 14 November 2023")
    expect(message.locator("ol.bordered li")).to_have_text("first")
    expect(message.locator("ul.indent-1 li")).to_have_text("nested")
    expect(message.locator("blockquote")).to_have_text("a quote")
    assert message.locator("pre").inner_text() == "preformatted\n  text"


def test_markup_in_a_message_without_blocks_is_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, text="*done* &lt;b&gt;")
    expect(message.locator(".mrkdwn strong")).to_have_text("done")
    expect(message.locator(".mrkdwn")).to_have_text("done <b>")


def test_a_table_can_be_sorted_by_text_and_by_numbers(web: WebClient, window: Window) -> None:
    table = post_message(web, window, block_examples.data_table()).get_by_role("table", name="Instances")
    assert row_names(table) == ["name-00", "name-07", "name-02", "name-09", "name-04"]
    table.get_by_role("button", name="Name").click()
    assert row_names(table) == [f"name-{number:02}" for number in range(5)]
    days = table.get_by_role("columnheader", name="Days")
    days.get_by_role("button").click()
    assert table.locator("tbody td.right").all_inner_texts() == ["0 d", "9 d", "18 d", "27 d", "36 d"]
    days.get_by_role("button").click()
    expect(days).to_have_attribute("aria-sort", "descending")
    assert table.locator("tbody td.right").first.inner_text() == "99 d"


def test_a_table_can_be_filtered_and_has_pages(web: WebClient, window: Window) -> None:
    message = post_message(web, window, block_examples.data_table())
    page_status = message.get_by_role("status")
    expect(page_status).to_have_text("1 to 5 of 12")
    message.get_by_role("button", name="Next page").click()
    message.get_by_role("button", name="Next page").click()
    expect(page_status).to_have_text("11 to 12 of 12")
    expect(message.get_by_role("button", name="Next page")).to_be_disabled()
    expect(message.get_by_role("button", name="Next page")).to_be_focused()
    message.get_by_role("searchbox").fill("NAME-1")
    expect(page_status).to_have_text("1 to 2 of 2")
    message.get_by_role("searchbox").fill("nothing of the kind")
    expect(page_status).to_have_text("Nothing found")


def test_a_plain_table_is_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, block_examples.TABLE)
    assert message.get_by_role("columnheader").all_inner_texts() == ["Owner", "Costs"]
    expect(message.get_by_role("cell", name="12 €")).to_have_class(re.compile("right"))


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
def test_a_chart_is_drawn_and_has_its_figures_in_a_table(web: WebClient, window: Window, kind: str) -> None:
    message = post_message(web, window, block_examples.chart(kind))
    expect(message.get_by_role("img", name=f"A week as {kind}: {kind} chart")).to_be_visible()
    assert message.locator(".series").count() == 3
    assert message.locator(".legend li").all_inner_texts() == ["Running", "Stopped", "Exempt"]
    row = message.get_by_role("row", name=re.compile("^Wed"))
    assert row.get_by_role("cell").all_inner_texts() == ["18", "10", "3"]


def test_a_pie_chart_is_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, block_examples.PIE)
    assert message.locator("path.slice").count() == 3
    assert message.locator("text.share").all_text_contents() == ["68%", "29%"]


def test_an_unknown_block_shows_a_warning_and_the_rest_is_drawn(web: WebClient, window: Window) -> None:
    message = post_message(web, window, block_examples.UNKNOWN, block_examples.TABLE)
    warning = message.get_by_role("note")
    expect(warning).to_contain_text("Unknown block: “carousel”")
    warning.get_by_text("Its JSON").click()
    expect(warning).to_contain_text("Not drawn")
    expect(message.get_by_role("cell", name="Ada")).to_be_visible()


def test_html_in_a_message_is_shown_as_text(web: WebClient, window: Window) -> None:
    html = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    escaped = html.replace("<", "&lt;").replace(">", "&gt;")
    table = block_examples.data_table(2)
    table["caption"] = table["rows"][1][0]["text"] = html
    blocks: list[block_examples.Json] = [
        {"type": "header", "text": block_examples.plain(html)},
        {"type": "section", "text": block_examples.mrkdwn(escaped), "fields": [block_examples.plain(html)]},
        {"type": "section", "text": block_examples.mrkdwn("<javascript:alert(3)|click me>")},
        block_examples.rich_text(block_examples.rich_section(block_examples.text_element(html))),
        table,
        {"type": "actions", "elements": [block_examples.button(html, "evil")]},
    ]
    message = post_message(web, window, *blocks)
    assert message.get_by_text(html, exact=True).count() >= 5
    assert message.locator("img:not(.avatar), script, [onerror], a[href^='javascript']").count() == 0


def test_a_csv_file_has_a_preview(web: WebClient, window: Window) -> None:
    web.files_upload_v2(channel="C0COSTS001", filename="costs.csv", content='name,"days, in all"\r\n"a ""b""",3\r\n')
    file = window.page.locator("#messages .file").last
    expect(file).to_contain_text("costs.csv")
    file.get_by_text("Preview").click()
    assert file.get_by_role("columnheader").all_inner_texts() == ["name", "days, in all"]
    assert file.get_by_role("cell").all_inner_texts() == ['a "b"', "3"]
