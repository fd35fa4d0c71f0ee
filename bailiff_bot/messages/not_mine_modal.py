"""The modal in which an owner says that an instance is not theirs."""

from datetime import datetime, tzinfo

from bailiff_bot.domain.action_limits import MAX_REASON_LENGTH
from bailiff_bot.messages.document import Document, Paragraph, SmallPrint
from bailiff_bot.messages.formatting import date_time
from bailiff_bot.messages.modal import Modal, TextField

NOT_MINE_FORM = "bailiff_not_mine_form"
"""The key of the submission."""
HINT = "hint"
"""The name of the field."""
TITLE = "Not mine"
WRONG_HINT = f"Write at most {MAX_REASON_LENGTH} characters"


def not_mine_form(click_id: str, title: str, triage: str, until: datetime, zone: tzinfo) -> Modal:
    """Return the form. `triage` is the channel that is told, `until` is when Bailiff may ask again."""
    first = f"You say that {title} is not yours. Bailiff then tells you no more about it; other owners are still told."
    ends = f"It ends on {date_time(until, zone)}, or when the name or an owner tag changes."
    told = f"{triage} is told that you said so, with what you write here."
    document = Document(first, "", (Paragraph(text=first), Paragraph(text=ends), SmallPrint((told,))))
    field = TextField(HINT, "Whose is it, if you know?", MAX_REASON_LENGTH)
    return Modal(TITLE, document, (field,), "It is not mine", NOT_MINE_FORM, click_id)
