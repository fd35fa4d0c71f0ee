from datetime import UTC
from typing import Any

from bailiff_bot.domain.delivery import MessageKind
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.summary import full_report_summary
from bailiff_bot.usecases.report_messages import MAX_TABLE_MESSAGES, ReportMessages
from tests.builders import instance, report

FOUND = report(instance(1, None), instance(2, "agr-x"))


def render(document: Document) -> dict[str, Any]:
    return {"text": document.summary}


def pages(document: Document, at_most: int) -> list[dict[str, Any]]:
    return [{"text": f"{document.summary} {number} of {at_most}."} for number in (1, 2)]


MESSAGES = ReportMessages(render, pages, UTC)


def file_name(*names: str) -> str:
    return str(MESSAGES.file(FOUND, "U1", names).payload["name"])


def test_a_message_is_called_by_its_summary_in_a_list_of_missing_messages() -> None:
    parent = MESSAGES.parent("U1", full_report_summary(ReportPart(FOUND), UTC))
    assert (parent.kind, parent.recipient) == (MessageKind.PARENT, "U1")
    assert parent.payload["text"] == f"{parent.label}."


def test_each_page_of_tables_is_a_reply_with_a_name_and_a_label_of_its_own() -> None:
    assert [(one.kind, one.name, one.label) for one in MESSAGES.tables(FOUND, "U1")] == [
        (MessageKind.REPLY, f"tables {number}", f"Tables of the report {number} of {MAX_TABLE_MESSAGES}")
        for number in (1, 2)
    ]


def test_the_name_of_the_file_has_the_day_and_the_filter_in_safe_characters() -> None:
    assert file_name() == "bailiff-2026-11-23.csv"
    assert file_name("AGR", "../a b@x.y") == "bailiff-agr-.._a_b@x.y-2026-11-23.csv"
    assert file_name("AGR", "eu-west-1") == "bailiff-agr-eu-west-1-2026-11-23.csv"
    assert len(file_name("x" * 300)) < 100
