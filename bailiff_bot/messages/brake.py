"""What is said about the brake: in answers to `/bailiff brake`, in the channel, and on the Home tab."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bailiff_bot.domain.action_brakes import BRAKE_WINDOW, Brakes, BrakeSwitch
from bailiff_bot.domain.brake_switching import SwitchVerdict
from bailiff_bot.messages.document import Bullets, Document, Paragraph, SmallPrint, sentence
from bailiff_bot.messages.formatting import date_time, plural, sentence_case, short_name, visible
from bailiff_bot.messages.suggestions import did_you_mean

SWITCH_WORDS = ("on", "off")
_HOW_TO_SWITCH = "Administrators switch it: /bailiff brake on, /bailiff brake off"
_STOPS = "Bailiff stops, renames and deletes nothing"
_UNTIL_OFF = "until an administrator types /bailiff brake off; a stop that was just done can still be undone"
_LIFTED = "what others did before does not count towards the limits any more"
NOTHING_OFFERED = "Bailiff changes nothing in AWS here: BAILIFF_ACTIONS allows neither rename, stop nor delete."
"""The note if no action in AWS is offered."""
_NO_ADMINISTRATOR = "Nobody is an administrator of Bailiff: ask who runs it to name one in BAILIFF_ADMINS."
_NOT_ADMINISTRATOR = "Only an administrator of Bailiff switches the brake (BAILIFF_ADMINS): ask one of them."
_RAN_INTO_IT = "Your own actions reached a limit, so another administrator has to take the brake off"


def wrong_switch(words: str) -> str:
    """Return the answer to words after `brake` that are neither `on` nor `off`."""
    question = did_you_mean(words, SWITCH_WORDS)
    return f"The brake is switched on or off, not “{visible(words)[:60]}”.{question} {_HOW_TO_SWITCH}"


def refused_switch(verdict: SwitchVerdict, brakes: Brakes, now: datetime, zone: tzinfo, *, has_admins: bool) -> str:
    """Return why somebody may not switch the brake, as a sentence that says who may."""
    if verdict is SwitchVerdict.NOT_ADMIN:
        return _NOT_ADMINISTRATOR if has_admins else _NO_ADMINISTRATOR
    free = brakes.use("", now).next_free
    return f"{_RAN_INTO_IT}{f': the oldest action counts until {date_time(free, zone)}' if free else ''}."


def brake_state(brakes: Brakes, user_id: str, now: datetime, zone: tzinfo, note: str = "") -> Document:
    """Return the state of the brake, and how much of the limits is used, after a note."""
    text = _state_text(brakes, now)
    lines = filter(None, (note, _switched_text(brakes, now, zone), _what_ends_it(brakes, now)))
    counts = Bullets(tuple((line,) for line in _counts(brakes, user_id, now)))
    notes = SmallPrint((_counted_since(brakes, now, zone), _HOW_TO_SWITCH))
    return Document(f"{text}.", text, (*(Paragraph(text=line) for line in lines), counts, notes))


def switch_notice(switch: BrakeSwitch, *, was_on: bool, zone: tzinfo) -> Document:
    """Return the message to the channel after somebody switched the brake."""
    who, when = short_name(switch.name), date_time(switch.at, zone)
    if switch.is_on:
        return sentence(f"{who} put the brake on ({when}): {_STOPS} {_UNTIL_OFF}.")
    done = "took the brake off" if was_on else "lifted the limits of what may be done in AWS"
    return sentence(f"{who} {done} ({when}): {_LIFTED}.")


def switched_note(channel: str, problem: str) -> str:
    """Return who else is told of a switch. `problem` says why nobody is; empty if the channel is."""
    return f"Nobody else is told, so tell them yourself: {problem}." if problem else f"{channel} is told."


def unchanged_note(*, is_on: bool) -> str:
    """Return the note to who switched the brake to what it is."""
    return "It is on already." if is_on else "It is off already, and no action of others counts."


def brake_line(brakes: Brakes, now: datetime, zone: tzinfo) -> str:
    """Return the state and the use of the limits in one line, for administrators."""
    switch, used = brakes.switch, brakes.use("", now).total
    by = f" ({short_name(switch.name)}, {date_time(switch.at, zone)})" if switch and switch.is_on else ""
    of = plural(brakes.limits.total, "action")
    return f"{_state_text(brakes, now)}{by} · {used:,} of {of} in 24 hours · /bailiff brake"


def _state_text(brakes: Brakes, now: datetime) -> str:
    if _is_on(brakes):
        return "The brake is on"
    if brakes.is_implausible:
        return "The brake is off, but the last scan is not plausible"
    return "The brake is off" + (", but the limit of all people is reached" if _is_all_used(brakes, now) else "")


def _switched_text(brakes: Brakes, now: datetime, zone: tzinfo) -> str:
    """Return who switched it last, and what that does; empty if nobody did."""
    switch = brakes.switch
    if switch is None:
        return ""
    by = f"by {short_name(switch.name)} on {date_time(switch.at, zone)}"
    if switch.is_on:
        return f"Put on {by}: {_STOPS} {_UNTIL_OFF}."
    lifted = (
        " What others did before does not count towards the limits any more." if now - switch.at < BRAKE_WINDOW else ""
    )
    lifted = f" {sentence_case(_LIFTED)}." if now - switch.at < BRAKE_WINDOW else ""
    return f"Taken off {by}.{lifted}"


def _what_ends_it(brakes: Brakes, now: datetime) -> str:
    """Return until when nothing is done although the brake is off; empty otherwise."""
    if _is_on(brakes):
        return ""
    if brakes.is_implausible:
        return f"{_STOPS} until a scan is plausible again: /bailiff report says what is wrong."
    if _is_all_used(brakes, now):
        return f"{_STOPS} until the oldest action stops counting, or an administrator types /bailiff brake off."
    return ""


def _is_on(brakes: Brakes) -> bool:
    return brakes.switch is not None and brakes.switch.is_on


def _is_all_used(brakes: Brakes, now: datetime) -> bool:
    return brakes.use("", now).total >= brakes.limits.total


def _counts(brakes: Brakes, user_id: str, now: datetime) -> Iterator[str]:
    use, limits = brakes.use(user_id, now), brakes.limits
    yield f"All people: {use.total:,} of {plural(limits.total, 'action')}"
    deletions = f"{use.own_deletions:,} of {plural(limits.deletions_per_person, 'deletion')}"
    yield f"You: {use.own:,} of {plural(limits.per_person, 'action')}, {deletions}"


def _counted_since(brakes: Brakes, now: datetime, zone: tzinfo) -> str:
    free = brakes.use("", now).next_free
    ends = f" The oldest stops counting on {date_time(free, zone)}." if free else ""
    return f"What was stopped, renamed or deleted in the last 24 hours counts, also if it failed.{ends}"
