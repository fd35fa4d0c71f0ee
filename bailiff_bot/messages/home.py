"""The sections of the Home tab, each from values alone. A section lists a few things, and counts the rest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from bailiff_bot.domain.counting_exemptions import CountingExemption
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.paging import Page
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.action_results import result_items
from bailiff_bot.messages.buttons import next_page_button, previous_page_button
from bailiff_bot.messages.delegations import delegation_items
from bailiff_bot.messages.document import Buttons, Document, Item, Paragraph, Part, SmallPrint, text_of
from bailiff_bot.messages.exemption_list import exemption_items
from bailiff_bot.messages.exemptions import rows_without_end, without_end_line
from bailiff_bot.messages.instance_items import Actions, all_buttons, instance_items
from bailiff_bot.messages.money import price_notes
from bailiff_bot.messages.part_text import ambiguous_line, part_headline
from bailiff_bot.messages.wording import small_print

_REST_IN = "/bailiff mine, then Full report"
MAX_EXEMPTIONS = 5
"""Exemptions that are listed; the rest is counted."""
_MAX_DELEGATIONS = 3
"""Delegates that are listed, and people for whom somebody acts; the rest is counted."""


def own_section(part: ReportPart, page: Page, when: str, actions: Actions) -> Document:
    """Return the instances of a person that break a rule, one page of them. `when` says when they were read."""
    report, text = part.report, part_headline(part)
    listed = (
        *result_items(actions.done, report.policy.zone),
        *instance_items(page.rows, report, actions),
        *_paging(page),
        *all_buttons(page.rows, actions),
    )
    without_end = without_end_line(rows_without_end(report), report.policy)
    closing = (*price_notes(page.rows), *small_print(report, when))
    notes = tuple(filter(None, (ambiguous_line(part), without_end, *closing)))
    return Document(f"{text}.", text, (*listed, SmallPrint(notes)), _REST_IN)


def _paging(page: Page) -> Iterator[Part]:
    """Yield which rows a page shows, and the buttons to the other pages; nothing if there is only one page."""
    if page.count > 1:
        last = page.start + len(page.rows)
        yield Paragraph(text=f"Page {page.number} of {page.count}: {page.start + 1:,} to {last:,} of {page.total:,}.")
        buttons = [previous_page_button(page.number - 1)] if page.number > 1 else []
        buttons += [next_page_button(page.number + 1)] if page.number < page.count else []
        yield Buttons(tuple(buttons), "pages")


def without_instances_section(reason: Document, report: Report, when: str, actions: Actions) -> Document:
    """Return what a person sees of whom nobody knows what is theirs: the reason, and when the instances were read."""
    done, notes = result_items(actions.done, report.policy.zone), tuple(small_print(report, when))
    return Document(reason.summary, "", (*done, *reason.parts, SmallPrint(notes)))


def exemptions_section(
    exemptions: Sequence[CountingExemption], report: Report, end_keys: Mapping[str, str]
) -> Iterator[Document]:
    """Yield the exemptions that a person granted, or that are on their instances; nothing if there are none.

    `end_keys` has the key of the offer to end an exemption, by its id.
    """
    if exemptions:
        items = exemption_items(exemptions[:MAX_EXEMPTIONS], report, end_keys)
        more = counted(len(exemptions) - MAX_EXEMPTIONS, "/bailiff exemptions")
        yield section("Your exemptions", *map(_in_one_block, items), *more)


def _in_one_block(item: Item) -> Item:
    """Return an item whose button stands beside its line, which needs plain text. One without a button stays."""
    return Item(("".join(map(text_of, item.line)),), item.buttons) if item.buttons.all else item


def delegations_section(
    given: Sequence[Delegation], received: Sequence[Delegation], zone: tzinfo
) -> Iterator[Document]:
    """Yield who acts for a person, and for whom this person acts; nothing if there is neither."""
    if given or received:
        items = delegation_items(given[:_MAX_DELEGATIONS], received[:_MAX_DELEGATIONS], zone)
        left_out = sum(max(0, len(found) - _MAX_DELEGATIONS) for found in (given, received))
        yield section("Delegates", *items, *counted(left_out, "/bailiff delegates"))


def counted(left_out: int, where: str) -> Iterator[SmallPrint]:
    """Yield the line that counts what a section leaves out, and says where it is; nothing if that is nothing."""
    if left_out > 0:
        yield SmallPrint((f"{left_out:,} more: {where}",))


def section(title: str, *parts: Part) -> Document:
    """Return a section of the Home tab."""
    return Document(f"{title}.", title, parts, "on the command line")
