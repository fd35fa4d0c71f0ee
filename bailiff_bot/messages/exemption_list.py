"""The exemptions that count, one line each: who, what, until when, why, and how it is ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from bailiff_bot.domain.counting_exemptions import CountingExemption, GrantedExemption, TagExemption
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.action_results import DoneAction, result_items
from bailiff_bot.messages.buttons import end_button
from bailiff_bot.messages.document import Bold, Buttons, Document, Item, Line, Link, SmallPrint
from bailiff_bot.messages.exemptions import tag_end_wanted, until_text
from bailiff_bot.messages.formatting import iso_day, ordinal, plural, visible
from bailiff_bot.messages.instance_line import place, row_title
from bailiff_bot.messages.part_text import filter_text
from bailiff_bot.messages.rule_texts import short_rule
from bailiff_bot.messages.wording import small_print

_REST_IN = "filter it, as in /bailiff exemptions AGR"


def exemption_list(
    exemptions: Sequence[CountingExemption],
    part: ReportPart,
    when: str,
    end_keys: Mapping[str, str],
    done: Iterable[DoneAction] = (),
) -> Document:
    """Return the answer that lists exemptions. `when` says when the instances were read.

    `end_keys` has the key of the offer to end an exemption, by its id, for those that the reader may end.
    """
    subject, zone = filter_text(part), part.report.policy.zone
    count = plural(len(exemptions), "exemption") if exemptions else "No exemption"
    text = f"{subject}: {count}" if subject else count
    items = exemption_items(exemptions, part.report, end_keys)
    closing = SmallPrint(tuple(small_print(part.report, when)))
    return Document(f"{text}. {closing.lines[-1]}.", text, (*result_items(done, zone), *items, closing), _REST_IN)


def exemption_items(
    exemptions: Iterable[CountingExemption], report: Report, end_keys: Mapping[str, str]
) -> Iterator[Item]:
    """Yield a line for each exemption, with *End* if there is a key for it."""
    for number, one in enumerate(exemptions):
        yield Item(_line(one, report, report.policy.zone), _buttons(one, end_keys, number))


def extension_line(exemption: GrantedExemption, zone: tzinfo) -> str:
    """Return that an exemption was extended, with the number of the extension, as text without a full stop."""
    grant = exemption.grant
    extended = f"the {ordinal(grant.extensions)} extension, by {visible(grant.granter)}: {visible(grant.reason)}"
    title = row_title(exemption.row).text if exemption.row else visible(exemption.title_of_unread)
    return f"{title}: kept until {_last_day(grant.until, zone)}, {extended}"


def _line(exemption: CountingExemption, report: Report, zone: tzinfo) -> Line:
    accounts = report.coverage.account_count
    if isinstance(exemption, GrantedExemption):
        title: Bold | Link = row_title(exemption.row) if exemption.row else Bold(visible(exemption.title_of_unread))
        return title, f": {_granted_text(exemption, zone)} · {_place(exemption, accounts)}"
    return row_title(exemption.row), *_tag_text(exemption, accounts, zone)


def _granted_text(exemption: GrantedExemption, zone: tzinfo) -> str:
    grant = exemption.grant
    rules = ", ".join(map(short_rule, exemption.rules))
    extended = f", extended {plural(grant.extensions, 'time')}" if grant.extensions else ""
    until = f"kept until {_last_day(grant.until, zone)} ({rules})"
    return f"{until} by {visible(grant.granter)}{extended}: {visible(grant.reason)}"


def _place(exemption: GrantedExemption, accounts: int) -> str:
    row: Row | None = exemption.row
    if row:
        return place(row.instance, accounts)
    target = exemption.grant.subject.target
    return f"{target.account}/{target.region}, which was not read"


def _tag_text(exemption: TagExemption, accounts: int, zone: tzinfo) -> Iterator[str]:
    tag, until = exemption.tag, until_text(exemption.tag.exempted, zone)
    end = f"until {until}" if exemption.until else until
    yield f": exempt by the tag {visible(tag.key)}, “{visible(tag.value)}”, {end}"
    yield f" · {place(exemption.row.instance, accounts)}\nTo end it, {tag_end_wanted(tag)}."


def _buttons(exemption: CountingExemption, end_keys: Mapping[str, str], number: int) -> Buttons:
    key = end_keys.get(exemption.grant.id) if isinstance(exemption, GrantedExemption) else None
    return Buttons((end_button(key),) if key else (), f"exemption {number}")


def _last_day(until: datetime, zone: tzinfo) -> str:
    return iso_day(until - timedelta(microseconds=1), zone)
