"""The answer to "why": how an instance was judged, step by step."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo

from bailiff_bot.domain.explanation import Explanation
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.rule_explanation import Outcome
from bailiff_bot.messages.document import Bullets, Document, Line, Paragraph, SmallPrint, text_of
from bailiff_bot.messages.exemptions import until_text
from bailiff_bot.messages.explained_cost import cost_lines
from bailiff_bot.messages.explained_exemptions import exemption_lines
from bailiff_bot.messages.explained_owner import owner_lines
from bailiff_bot.messages.explained_rules import fact_text, rule_lines
from bailiff_bot.messages.explained_times import next_lines, notified_lines
from bailiff_bot.messages.formatting import display_name, instant, plural
from bailiff_bot.messages.instance_line import place, row_title
from bailiff_bot.messages.money import cost_text, price_notes
from bailiff_bot.messages.wording import small_print


def explanation(explained: Explanation, report: Report, zone: tzinfo, when: str, links: Mapping[str, str]) -> Document:
    """Return why a row of a report is judged as it is.

    `when` says when the report was read. `links` has the URL of each direct message that the reader may open, by
    recipient.
    """
    text = f"{text_of(row_title(explained.row))}: {_verdict(explained, zone)}"
    sections = {
        f"Read {instant(report.coverage.scanned_at, zone)}:": _read_lines(explained, report, zone),
        "Rules:": rule_lines(explained, report.policy, report.as_of, zone),
        "Cost:": cost_lines(explained),
        "Owner:": owner_lines(explained.owner, zone),
        "Exemption:": exemption_lines(explained, report.policy, zone),
        "Direct messages:": notified_lines(explained, zone, links),
        "Next, if nothing changes:": next_lines(explained, report, zone),
    }
    parts = (part for heading, lines in sections.items() for part in _section(heading, lines))
    closing = SmallPrint((*price_notes([explained.row]), *small_print(report, when)))
    shown = explained.machine or explained.row.instance
    return Document(f"{text}.", text, (*parts, closing), f"bailiff why {shown.id} on the command line")


def _section(heading: str, lines: Iterable[Line]) -> tuple[Paragraph, Bullets] | tuple[()]:
    bullets = Bullets(tuple(lines))
    return (Paragraph(heading), bullets) if bullets.items else ()


def _verdict(explained: Explanation, zone: tzinfo) -> str:
    row = explained.row
    if row.findings:
        return f"breaks {plural(len(row.findings), 'rule')}{f', {cost_text(row.cost)}' if row.cost else ''}"
    if row.exempted:
        until = until_text(row.exempted, zone)
        return f"exempt, {f'until {until}' if row.exempted.until else until}"
    if any(rule.outcome is Outcome.UNDETERMINED for rule in explained.rules):
        return "breaks no rule, as far as Bailiff can tell"
    return "breaks no rule"


def _read_lines(explained: Explanation, report: Report, zone: tzinfo) -> Iterator[Line]:
    row, shown = explained.row, explained.machine or explained.row.instance
    yield row_title(row), f" · {place(shown, report.coverage.account_count)}"
    if row.controller:
        yield (f"the {row.controller.kind} replaces its machines, so it is judged instead of them",)
        yield (f"it is judged by its oldest machine, running ones first: {row.instance.id}",)
    if explained.machine:
        yield (f"you asked for {explained.machine.id}, one of them",)
    if later := explained.later_controller:
        yield (f"a machine of the {later.kind} {display_name(later.name)}, judged with it once it is not exempt",)
    yield from ((fact_text(fact, zone),) for fact in explained.facts)
