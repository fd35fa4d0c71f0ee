"""The modal in which somebody keeps an instance for a while."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from bailiff_bot.domain.action_limits import MAX_REASON_LENGTH
from bailiff_bot.domain.grants import FIRST_SHOWN_EXTENSION
from bailiff_bot.messages.document import Bullets, Document, Paragraph, Part, SmallPrint
from bailiff_bot.messages.formatting import iso_day, ordinal
from bailiff_bot.messages.modal import ChoiceField, DateField, Modal, TextField

KEEP_FORM, KEEP_ALL_FORM = "bailiff_keep_form", "bailiff_keep_all_form"
"""The keys of the submissions."""
UNTIL, CHOICE, WORDS = "until", "choice", "words"
"""The names of the fields."""
CHOICES = ("still in use", "for a demo or customer", "waiting for a decision")
TITLE = "Keep for a while"


def keep_form(  # noqa: PLR0913, PLR0917 - what the form says
    click_id: str, title: str, initial: date, last: date, kept_until: datetime | None, extension: int, zone: tzinfo
) -> Modal:
    """Return the form. `last` is the latest day that may be chosen; `kept_until` is the end of an earlier exemption.

    `extension` is the number of the extension that a later day makes.
    """
    lines = [f"{title} is not reported until the end of the day that you choose."]
    if kept_until:
        until = iso_day(kept_until - timedelta(microseconds=1), zone)
        lines.append(f"It is kept until {until} already. A later day extends that: the {ordinal(extension)} extension.")
        if extension >= FIRST_SHOWN_EXTENSION:
            lines.append("Administrators are shown this extension.")
    return _form(KEEP_FORM, click_id, [Paragraph(text=line) for line in lines], initial, last)


def keep_all_form(click_id: str, titles: Sequence[str], initial: date, last: date) -> Modal:
    """Return the form for several instances. `last` is the latest day that may be chosen."""
    line = f"These {len(titles)} instances are not reported until the end of the day that you choose:"
    parts = (Paragraph(text=line), Bullets(tuple((title,) for title in titles)))
    return _form(KEEP_ALL_FORM, click_id, parts, initial, last)


def _form(key: str, click_id: str, says: Sequence[Part], initial: date, last: date) -> Modal:
    readers = "Everybody in this workspace can read your reason: /bailiff why shows it."
    fields = (
        DateField(UNTIL, "Until when", initial, f"At the latest {last.isoformat()}"),
        ChoiceField(CHOICE, "Why", CHOICES),
        TextField(WORDS, "Or in your own words", MAX_REASON_LENGTH),
    )
    return Modal(TITLE, Document(TITLE, "", (*says, SmallPrint((readers,)))), fields, "Keep it", key, click_id)


def wrong_day(last: date) -> str:
    """Return what is wrong with a day that cannot be chosen."""
    return f"Choose a day from tomorrow to {last.isoformat()}"


WRONG_WORDS = f"Write at most {MAX_REASON_LENGTH} characters"
