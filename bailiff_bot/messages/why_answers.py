"""The answers to "why" that explain nothing: nothing was typed, nothing was found, or several things were."""

from collections.abc import Sequence

from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.subject_search import Match, names
from bailiff_bot.messages.document import Bullets, Code, Document, Paragraph, SmallPrint, sentence, text_of
from bailiff_bot.messages.formatting import display_name, plural, visible
from bailiff_bot.messages.instance_line import place, row_title
from bailiff_bot.messages.suggestions import did_you_mean
from bailiff_bot.messages.wording import small_print

_MAX_ECHO = 100
"""Characters of what was typed that an answer repeats."""


def nothing_typed() -> Document:
    """Return the answer if nothing was typed."""
    return sentence("Which instance? Type its id or its name after “why”: i-0123456789abcdef0")


def not_found(typed: str, report: Report, when: str) -> Document:
    """Return the answer if nothing was found: what was meant perhaps, and what was not read. `when`: it was read."""
    question = did_you_mean(visible(typed), {display_name(name) for name in names(report) if name.strip()})
    text = f"No instance has the id or the name “{_beginning(visible(typed))}”.{question}{_doubt(report)}"
    return Document(text, "", (Paragraph(text=text), SmallPrint(tuple(small_print(report, when)))))


def not_in_scan(title: str, report: Report, when: str) -> Document:
    """Return the answer about an instance that was shown before, and that the latest scan did not find."""
    doubt = _doubt(report) or " It was deleted, or a controller replaced it."
    text = f"The latest scan did not find {display_name(title)}.{doubt}"
    return Document(text, "", (Paragraph(text=text), SmallPrint(tuple(small_print(report, when)))))


def _doubt(report: Report) -> str:
    """Return that an instance may be where nothing was read; empty if all was read."""
    return " It may be where Bailiff could not read." if gaps_of(GapSource.TARGET, report.gaps) else ""


def several_found(typed: str, matches: Sequence[Match], report: Report, when: str) -> Document:
    """Return the answer if several were found: each with an id that means it alone."""
    text = f"{plural(len(matches), 'match', 'matches')} for “{_beginning(visible(typed))}”. Ask again with an id"
    accounts = report.coverage.account_count
    lines = tuple(
        (Code(shown.id), f"  {text_of(row_title(match.row))} · {shown.state.value}, {place(shown, accounts)}")
        for match in matches
        for shown in [match.machine or match.row.instance]
    )
    return Document(f"{text}.", text, (Bullets(lines), SmallPrint(tuple(small_print(report, when)))))


def _beginning(text: str) -> str:
    return text if len(text) <= _MAX_ECHO else f"{text[: _MAX_ECHO - 1]}…"
