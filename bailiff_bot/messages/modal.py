"""A modal, as a value: what it says and asks, without Slack's limits."""

from dataclasses import dataclass, replace
from datetime import date

from bailiff_bot.messages.document import Document, Paragraph, sentence


@dataclass(frozen=True, slots=True)
class DateField:
    """Asks for a day."""

    name: str
    label: str
    initial: date
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Asks to choose one of a few texts. The first is chosen at the start."""

    name: str
    label: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextField:
    """Asks for a text that may be left empty."""

    name: str
    label: str
    max_length: int


@dataclass(frozen=True, slots=True)
class LineField:
    """Asks for one line, which may not be empty."""

    name: str
    label: str
    initial: str
    """What is filled in; empty: nothing."""
    max_length: int


@dataclass(frozen=True, slots=True)
class UserField:
    """Asks for a user of the workspace. Slack offers everybody who is active, guests and bots included."""

    name: str
    label: str
    placeholder: str


Field = DateField | ChoiceField | TextField | LineField | UserField


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal."""

    title: str
    """At most 24 characters."""
    document: Document
    """What it says, above what it asks."""
    fields: tuple[Field, ...] = ()
    submit: str = ""
    """The text of the button that sends it; empty if it asks nothing."""
    key: str = ""
    """What a submission is: stable from one version to the next."""
    value: str = ""
    """What the submission is about: an opaque id."""


def with_note(modal: Modal, note: str) -> Modal:
    """Return a modal that says something more, at its end; the same modal if that is empty."""
    if not note:
        return modal
    return replace(modal, document=replace(modal.document, parts=(*modal.document.parts, Paragraph(note))))


def checking(title: str) -> Modal:
    """Return the modal that opens at once, before AWS, Slack or the directory answers."""
    return Modal(title, sentence("Checking ..."))


def saving(title: str) -> Modal:
    """Return the modal after it was sent, before what it asks for is decided again and done."""
    return Modal(title, sentence("Checking again and saving ..."))
