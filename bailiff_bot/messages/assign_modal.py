"""The modal in which triage assigns an instance to somebody."""

from collections.abc import Iterable, Mapping

from bailiff_bot.domain.action import Membership
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.messages.document import Document, Paragraph, Part, SmallPrint
from bailiff_bot.messages.formatting import short_name
from bailiff_bot.messages.modal import Modal, UserField

ASSIGN_FORM = "bailiff_assign_form"
"""The key of the submission."""
OWNER = "owner"
"""The name of the field."""
TITLE = "Assign to..."
NOBODY_CHOSEN = "Choose a person"

_WHY_NOT: Mapping[Membership, str] = {
    Membership.FULL: "has no e-mail address in Slack",
    Membership.GUEST: "is a guest in Slack",
    Membership.EXTERNAL: "is of another company",
    Membership.DEACTIVATED: "was deactivated in Slack",
    Membership.BOT: "is no person",
}


def assign_form(click_id: str, title: str, said_by: Iterable[Disclaimer], wrong: Asker | None = None) -> Modal:
    """Return the form. `wrong` was chosen before and can own nothing."""
    names = ", ".join(dict.fromkeys(short_name(one.name) for one in said_by))
    text = f"Whose is {title}? It counts as theirs until its name or owner tags change. Bailiff tells them."
    note = f"Not theirs: {names}. Everybody in the triage channel can see whom you choose."
    problem: tuple[Part, ...] = (Paragraph(text=wrong_owner(wrong)),) if wrong else ()
    document = Document(text, "", (*problem, Paragraph(text=text), SmallPrint((note,))))
    return Modal(TITLE, document, (UserField(OWNER, "New owner", NOBODY_CHOSEN),), "Assign", ASSIGN_FORM, click_id)


def wrong_owner(person: Asker) -> str:
    """Return why somebody can own nothing, and what to do."""
    if person.membership is Membership.UNASKED:
        return "Slack did not say who that is, so nothing was done: try again in a minute."
    reason = _WHY_NOT[person.membership]
    return f"{short_name(person.name)} {reason}: choose a full member of this workspace with an e-mail address."
