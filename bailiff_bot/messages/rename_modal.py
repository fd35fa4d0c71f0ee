"""The modal in which somebody gives an instance another name."""

from collections.abc import Sequence

from bailiff_bot.domain.action_limits import MAX_NAME_LENGTH
from bailiff_bot.messages.document import Document, Paragraph, SmallPrint
from bailiff_bot.messages.modal import LineField, Modal

RENAME_FORM = "bailiff_rename_form"
"""The key of the submission."""
NAME = "name"
"""The name of the field."""
TITLE = "Rename"


def rename_form(click_id: str, title: str, initial: str, identifiers: Sequence[str]) -> Modal:
    """Return the form. The name may start with one of `identifiers`; with anybody's if there are none."""
    first = f"{title} gets another Name tag."
    whose = f"your identifier ({' or '.join(identifiers)})" if identifiers else "the identifier of its owner"
    example = f"{identifiers[0].lower() if identifiers else 'agr'}-web"
    hint = SmallPrint((f"It must start with {whose}, as in {example}.",))
    document = Document(first, "", (Paragraph(text=first), hint))
    field = LineField(NAME, "New name", initial, MAX_NAME_LENGTH)
    return Modal(TITLE, document, (field,), "Rename it", RENAME_FORM, click_id)


WRONG_NAME = (
    f"Start with an identifier that the directory knows, and write at most {MAX_NAME_LENGTH} characters: agr-web"
)
