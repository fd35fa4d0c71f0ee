"""Until when instances are exempt, and what is asked of the owners of those that are exempt without an end."""

from collections.abc import Iterable
from datetime import timedelta, tzinfo

from bailiff_bot.domain.exemption import Exempted, ExemptingTag, TagNote
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, Report, Row
from bailiff_bot.messages.formatting import display_name, iso_day, visible

_MAX_LISTED = 3
_NO_END = "no end"
_NOTES = {
    TagNote.NOT_UNDERSTOOD: "(date not understood)",
    TagNote.AMBIGUOUS: "(day and month could be exchanged)",
}


def until_text(exempted: Exempted, zone: tzinfo) -> str:
    """Return the last day of an exemption, or that it has no end: `2026-12-31`, `no end`."""
    end = iso_day(exempted.until - timedelta(microseconds=1), zone) if exempted.until else ""
    if not end and exempted.exempt:
        end = _NO_END
    return f"{end} {_NOTES.get(exempted.note, '') if exempted.note else ''}".strip()


def rows_without_end(report: Report) -> tuple[Row, ...]:
    """Return the rows that a tag exempts without an end."""
    rows = report.table(OtherTable.EXEMPT).rows
    return tuple(row for row in rows if row.exempted and row.exempted.until is None)


def end_wanted(policy: Policy) -> str:
    """Return what to do about an exemption without an end: an imperative sentence without a full stop."""
    return f"give it an end with the tag {policy.exempt_tags[0].partition('=')[0]}=YYYY-MM-DD"


def tag_end_wanted(tag: ExemptingTag) -> str:
    """Return how an exempting tag is ended: an imperative sentence without a full stop."""
    remove = f"remove the tag {visible(tag.key)} in the AWS console"
    return f"{remove}, or set its last day: {visible(tag.key)}=YYYY-MM-DD" if tag.reads_value else remove


def without_end_line(rows: Iterable[Row], policy: Policy) -> str:
    """Return the sentence that asks an owner for the end of exemptions; empty if all have one."""
    names = [f"{display_name(row.instance.name or '')} ({row.instance.id})" for row in rows]
    if not names:
        return ""
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return f"Exempt without an end: {', '.join(names[:_MAX_LISTED])}{more}. Please {end_wanted(policy)}."
