"""The delivery summary: the reply in the digest's thread that lists which owners are notified."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.deletion import OldImage
from bailiff_bot.domain.delivery import Delivery, MessageKind
from bailiff_bot.domain.delivery_summary import DeliverySummary, with_results
from bailiff_bot.domain.digest import Digest
from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.history import LastNudge
from bailiff_bot.domain.owner import OwnerFindings, UnassignedFindings
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.audit_text import settled_line
from bailiff_bot.messages.document import Bullets, Document, Paragraph, Part, SmallPrint
from bailiff_bot.messages.exemption_list import extension_line
from bailiff_bot.messages.formatting import date, plural, sentence_case, visible
from bailiff_bot.messages.ownership import disclaimed_text
from bailiff_bot.messages.wording import dated_small_print

_HEADINGS = {
    "on": "Owners being notified",
    "dry-run": "Owners who would be notified (BAILIFF_NUDGES is dry-run)",
    "off": "Owners found, not notified (BAILIFF_NUDGES is off)",
    "preview": "Owners who would be notified (this is a preview)",
}
_NOT_NOTIFIED = "Owners found, not notified"
SUMMARY_LABEL = "The list of notified owners"
"""The delivery summary in a list of missing messages."""
FILE_LABEL = "The CSV"
"""The file in such a list."""


def delivery_summary(digest: Digest, zone: tzinfo) -> DeliverySummary:
    """Return the summary of a digest before its nudges are sent."""
    due = [findings for findings in digest.owner_findings if findings.owner.user_id in digest.owners_due]
    not_due = [findings for findings in digest.owner_findings if findings.owner.user_id not in digest.owners_due]
    last_nudges = digest.history.last_nudges
    return DeliverySummary(
        mode=digest.nudges,
        notified=tuple(map(owner_line, due)),
        already_notified=tuple(already_notified_line(one, last_nudges[one.owner.user_id], zone) for one in not_due),
        unassigned=unassigned_lines(digest.unassigned, zone),
        on_hold="; ".join(gap.reason for gap in gaps_of(GapSource.COUNT, digest.report.gaps)),
        settled=_settled(digest, zone),
        extended=tuple(extension_line(one, zone) for one in digest.extended),
        old_images=tuple(map(image_line, digest.old_images)),
        small_print=tuple(dated_small_print(digest.report, zone)),
    )


def image_line(old: OldImage) -> str:
    """Return an old image, as text without a full stop."""
    deletion = old.deletion
    size = f", {old.size:,} GiB" if old.size else ""
    made = f"{deletion.result.at:%Y-%m-%d}"
    return visible(
        f"{deletion.image_id} of {deletion.result.offer.title} in {deletion.target.region}, made on {made}{size}, "
        f"asked for by {deletion.result.name}"
    )


def _settled(digest: Digest, zone: tzinfo) -> str:
    since = digest.history.planned_at
    return settled_line(digest.settled, since, zone) if since else ""


def final_summary(context: Mapping[str, Any], deliveries: Iterable[Delivery]) -> Document | None:
    """Return the final content of the message; None if what was sent is still right.

    `context` is the stored summary of before. `deliveries` are those of the batch. All of them are settled.
    """
    settled = tuple(deliveries)
    summary = with_results(DeliverySummary.from_json(context), settled)
    if any(delivery.kind is MessageKind.DIRECT for delivery in settled):
        return after_nudges(summary)
    return before_nudges(summary) if summary.not_delivered else None


def before_nudges(summary: DeliverySummary) -> Document:
    """Return the message that lists which owners will be notified, before any nudge is sent."""
    if summary.on_hold:
        return _document(summary, f"Owners not notified for now ({summary.on_hold})")
    return _document(summary, _HEADINGS.get(summary.mode, _NOT_NOTIFIED))


def after_nudges(summary: DeliverySummary) -> Document:
    """Return the message that lists which owners were notified, after every nudge is settled."""
    return _document(summary, "Owners notified")


def owner_line(findings: OwnerFindings) -> str:
    """Return an owner as one line: the plain name, because a mention would notify the owner."""
    owner_keys = ", ".join(map(visible, findings.owner_keys))
    return f"{visible(findings.owner.name)} ({owner_keys}): {_instance_count(findings.rows)}"


def copy_label(delegation: Delegation, findings: OwnerFindings) -> str:
    """Return a delegate who gets a copy as one line."""
    return f"{visible(delegation.delegate_name)}, delegate of {owner_line(findings)}"


def already_notified_line(findings: OwnerFindings, last_nudge: LastNudge, zone: tzinfo) -> str:
    """Return an owner who was notified earlier as one line, with the day; "may have been" if arrival is unknown."""
    verb = "notified" if last_nudge.ts else "may have been notified"
    return f"{owner_line(findings)}; {verb} on {date(last_nudge.at, zone)}"


def unassigned_lines(unassigned: Iterable[UnassignedFindings], zone: tzinfo) -> tuple[str, ...]:
    """Return the flagged instances without an owner, one line per owner label and reason."""
    return tuple(
        f"{visible(group.owner_label)} ({_instance_count(group.rows)}): {_reason(group, zone)}" for group in unassigned
    )


def _reason(group: UnassignedFindings, zone: tzinfo) -> str:
    return f"{disclaimed_text(group.disclaimers, zone)}; nobody else is known" if group.disclaimers else group.reason


def _instance_count(rows: Iterable[Row]) -> str:
    return plural(sum(row.count for row in rows), "instance")


def _document(summary: DeliverySummary, heading: str) -> Document:
    lists = (
        (heading, summary.notified),
        ("Already notified, nothing new", summary.already_notified),
        ("Could not be notified", summary.not_notified),
        ("Notification uncertain", summary.uncertain),
        ("No owner found", summary.unassigned),
        ("Kept for longer again, for administrators", summary.extended),
        ("Old images of deleted instances: delete them in the AWS console if nobody needs them", summary.old_images),
        ("Not delivered in this thread", summary.not_delivered),
    )
    filled = [(title, lines) for title, items in lists if (lines := tuple((item,) for item in items if item))]
    counts = ", ".join(f"{_short(title)}: {len(lines):,}" for title, lines in filled)
    text = f"{sentence_case(counts)}." if filled else "There is no owner to notify."
    parts: list[Part] = [] if filled else [Paragraph(text=text)]
    for title, lines in filled:
        parts += [Paragraph(f"{title}:"), Bullets(lines)]
    if summary.settled:
        text = f"{text} {summary.settled}."
        lead, _, counts = summary.settled.partition(": ")
        parts.append(Paragraph(f"{lead}:", f"{counts}."))
    notes = tuple(filter(None, summary.small_print))
    return Document(text, "", (*parts, *([SmallPrint(notes)] if notes else [])), rest_in="in the CSV")


def _short(title: str) -> str:
    return title.partition(" (")[0].partition(",")[0].lower()
