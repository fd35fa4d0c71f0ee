"""Who did what, and when: the lines that a message keeps for good."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.deletion import launch_url
from bailiff_bot.messages.buttons import cancel_deletion_button, link_button, undo_button
from bailiff_bot.messages.document import Bullets, Button, Buttons, Document, Item, Paragraph
from bailiff_bot.messages.formatting import date_time, iso_day, plural, visible


@dataclass(frozen=True, slots=True)
class DoneAction:
    """A result, as a message shows it."""

    result: ActionResult
    undo_key: str = ""
    """The key of the offer to undo or cancel it; empty if that is not possible any more."""


def result_text(result: ActionResult, zone: tzinfo) -> str:
    """Return who did what, and when, as a sentence."""
    if result.action in _AWS_WORDS or is_restart(result):
        return _aws_text(result, zone)
    name, title, at = actor_text(result), result.offer.title, date_time(result.at, zone)
    match result.action:
        case Action.CANCEL:
            text = f"{name} cancelled the deletion of {title}"
        case Action.NOT_MINE:
            whose = f"{visible(result.acted_for)}'s" if result.acted_for else "theirs"
            text = f"{name} says that {title} is not {whose}"
        case Action.ASSIGN:
            text = f"{name} assigned {title} to {visible(result.reason)}"
        case Action.END:
            text = f"{name} ended the exemption of {title}"
        case _ if result.until is None:
            text = f"{name} undid it, so {title} counts again"
        case _:
            last_day = iso_day(result.until - timedelta(microseconds=1), zone)
            text = f"{name} keeps {title} until {last_day}: {visible(result.reason)}"
    return f"{text} ({at})."


def is_restart(result: ActionResult) -> bool:
    """Return True if a result started an instance again, after a stop."""
    return result.action is Action.UNDO and result.reason == Action.STOP


def _aws_text(result: ActionResult, zone: tzinfo) -> str:
    """Return what came of an action in AWS."""
    words = _RESTART if is_restart(result) else _AWS_WORDS[result.action]
    name, title = actor_text(result), result.offer.title
    what = f"{title} to {visible(result.reason)}" if result.action is Action.RENAME else title
    at = date_time(result.settled_at or result.at, zone)
    detail = f": {visible(result.detail)}" if result.detail else ""
    texts = {
        Outcome.PENDING: f"{name} {words.doing} {what} ({at}) ...",
        Outcome.DONE: f"{name} {words.did} {what} ({at}).",
        Outcome.DRY_RUN: f"{name} may {words.do} {what}: AWS allows it. A dry run, so nothing was changed ({at}).",
        Outcome.FAILED: f"{name} could not {words.do} {what}{detail} ({at}).",
        Outcome.CANCELLED: f"{name} asked to {words.do} {what}, and that was cancelled ({at}).",
        Outcome.UNKNOWN: (
            f"{name} may have {words.done} {what}, which nobody knows{detail}. Look in the AWS console ({at})."
        ),
    }
    if result.action is Action.DELETE and result.outcome is Outcome.DRY_RUN:
        return f"{name} asked to {words.do} {what}. It is a dry run, so nothing is changed ({at})."
    if result.until and result.outcome is Outcome.PENDING:
        due = date_time(result.until, zone)
        return f"{name} asked to {words.do} {what} ({at}). It is done on {due}, unless somebody cancels that."
    return f"{texts[result.outcome]}{_about_image(result)}"


def _about_image(result: ActionResult) -> str:
    """Return what is lost though there is an image of a deleted instance; empty without one."""
    if result.action is not Action.DELETE or result.outcome is not Outcome.DONE or not result.detail:
        return ""
    return f" Its image is {visible(result.detail)}. {IMAGE_LACKS}."


IMAGE_LACKS = "The image does not hold the security groups, the role, the user data, the private address and the tags"


@dataclass(frozen=True, slots=True)
class _Words:
    """One action, as a verb."""

    do: str
    doing: str
    did: str
    done: str


_AWS_WORDS = {
    Action.STOP: _Words("stop", "is stopping", "stopped", "stopped"),
    Action.RENAME: _Words("rename", "is renaming", "renamed", "renamed"),
    Action.TAG: _Words("tag", "is tagging", "tagged", "tagged"),
    Action.DELETE: _Words("delete", "is deleting", "deleted", "deleted"),
}
_RESTART = _Words("start", "is starting", "started", "started")


def actor_text(result: ActionResult) -> str:
    """Return who did it, and for whom: `Mel Legrand for Ada Granger`."""
    acted_for = f" for {visible(result.acted_for)}" if result.acted_for else ""
    return f"{visible(result.name)}{acted_for}"


DRY_RUN = "This is a dry run: AWS only checks the permission, and nothing is changed."
"""What every form of an action in AWS ends with while `BAILIFF_ACTIONS_DRY_RUN` is on."""
UNDO_STOP = " For ten minutes, Undo starts it again. Its capacity, public address and memory may not come back."


def result_items(done: Iterable[DoneAction], zone: tzinfo) -> Iterator[Item]:
    """Yield the lines of results, those of an instance together, each with *Undo* as long as that is possible."""
    for number, one in enumerate(_by_instance(tuple(done))):
        warning = UNDO_STOP if one.undo_key and one.result.action is Action.STOP else ""
        buttons = Buttons(tuple(_result_buttons(one)), f"done {number}")
        yield Item((f"{result_text(one.result, zone)}{warning}",), buttons)


def _result_buttons(done: DoneAction) -> Iterator[Button]:
    """Yield what can be done about a result: take it back, or launch an instance from the image of a deleted one."""
    if done.undo_key:
        is_deletion = done.result.action is Action.DELETE
        yield cancel_deletion_button(done.undo_key) if is_deletion else undo_button(done.undo_key)
    yield from image_link(done.result)


def image_link(result: ActionResult) -> Iterator[Button]:
    """Yield the link that launches an instance from the image of one that was deleted; nothing without an image."""
    if result.action is Action.DELETE and result.outcome is Outcome.DONE and result.detail:
        yield link_button("Launch from its image", launch_url(result.offer.subject.target, result.detail))


def _by_instance(done: Sequence[DoneAction]) -> list[DoneAction]:
    """Return results with those of an instance together, so that what ended something follows it."""
    subjects = list(dict.fromkeys(one.result.offer.subject for one in done))
    return sorted(done, key=lambda one: subjects.index(one.result.offer.subject))


def several_results(done: int, lines: Sequence[str], what: str = "kept") -> Document:
    """Return what came of an action on several instances: to how many it is done, and a line for each."""
    text = f"{done} of {plural(len(lines), 'instance')} {what}."
    return Document(text, "", (Paragraph(text), Bullets(tuple((line,) for line in lines))))
