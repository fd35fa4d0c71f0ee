"""The modals in which somebody confirms that instances are stopped."""

from collections.abc import Iterable, Sequence

from bailiff_bot.domain.action import ActionWarning
from bailiff_bot.messages.document import Bullets, Document, Paragraph, Part, SmallPrint
from bailiff_bot.messages.modal import Modal

STOP_FORM, STOP_ALL_FORM = "bailiff_stop_form", "bailiff_stop_all_form"
"""The keys of the submissions."""
TITLE = "Stop"

_WARNINGS = {
    ActionWarning.IN_USE: "Its metrics show that it is used: ask who uses it first.",
    ActionWarning.DISK_LOST: "It has a local disk: what is on that disk is lost.",
    ActionWarning.ADDRESS_LOST: "Its public address is lost: it gets another one when it starts again.",
    ActionWarning.SCHEDULED: "A schedule starts it again: change its schedule tag if it should stay stopped.",
    ActionWarning.STACK: "It belongs to a CloudFormation stack: the stack's next update may start or replace it.",
}
_READERS = "The other owners are told who stopped it, and the digest's thread says so, too."


def warning_lines(warnings: Iterable[ActionWarning]) -> tuple[str, ...]:
    """Return what to say before an instance is stopped, the gravest first."""
    found = frozenset(warnings)
    return tuple(text for warning, text in _WARNINGS.items() if warning in found)


def stop_form(click_id: str, title: str, warnings: Iterable[ActionWarning]) -> Modal:
    """Return the form."""
    first = f"{title} is stopped in AWS. It can be started again for ten minutes with Undo, and later in the console."
    lines = warning_lines(warnings)
    listed = (Paragraph("Before you do it:"), Bullets(tuple((line,) for line in lines))) if lines else ()
    document = Document(first, "", (Paragraph(text=first), *listed, SmallPrint((_READERS,))))
    return Modal(TITLE, document, (), "Stop it", STOP_FORM, click_id)


def stop_all_form(click_id: str, titles: Sequence[str]) -> Modal:
    """Return the form for several instances. What carries a warning is left out when it is sent."""
    first = f"These {len(titles)} instances are stopped in AWS, one by one:"
    rest = "An instance about which Bailiff would warn is left out: stop it by itself."
    parts: tuple[Part, ...] = (
        Paragraph(text=first),
        Bullets(tuple((title,) for title in titles)),
        Paragraph(text=rest),
        SmallPrint((_READERS,)),
    )
    return Modal(TITLE, Document(first, "", parts), (), "Stop them", STOP_ALL_FORM, click_id)


def left_out(title: str, warnings: Iterable[ActionWarning]) -> str:
    """Return why an instance is not stopped together with others."""
    return f"{title} is left out, stop it by itself: {' '.join(warning_lines(warnings))}"
