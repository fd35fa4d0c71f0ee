"""What is said about who acts for whom: the answers to the commands, the messages to both, and the list."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.messages.buttons import end_delegation_button, end_listed_delegation_button
from bailiff_bot.messages.document import Buttons, Document, Item, Paragraph, Part, SmallPrint, sentence
from bailiff_bot.messages.formatting import date_time, plural, short_name, visible
from bailiff_bot.messages.suggestions import did_you_mean

TO_DELEGATE = "/bailiff delegate @name 14d"
END_WORDS = ("off", "end")
"""What is typed instead of a duration to end a delegation."""
ONE_PERSON = f"Name one person at a time: {TO_DELEGATE}"
"""The answer to more than one user."""
NOT_ONESELF = "You act for yourself already: name a colleague."
NO_ADDRESS = (
    "Slack does not show Bailiff your e-mail address, so it does not know what is yours: ask your administrator."
)
_HOW_TO_BEGIN = f"To let somebody act for you: {TO_DELEGATE}, or only for some instances: {TO_DELEGATE} AGR"


def no_user(words: Sequence[str]) -> str:
    """Return the answer if Slack recognized no user in what was typed."""
    named = next((word for word in words if word.startswith("@")), "")
    if named:
        return f"Slack did not recognize “{visible(named)}”: choose the person from the list that appears after the @."
    return f"Who should act for you? Name a member: {TO_DELEGATE}"


def wrong_time(words: Sequence[str], problem: str) -> str:
    """Return the answer to words that are no duration. `problem` says why, without a full stop."""
    question = did_you_mean(words[0], END_WORDS) if len(words) == 1 else ""
    return f"{visible(problem)}.{question} Examples: {TO_DELEGATE}, {TO_DELEGATE} AGR, /bailiff delegate @name off"


def not_a_list(word: str) -> str:
    """Return the answer to `delegates` with more words, of which `word` is one."""
    return f"“/bailiff delegates” lists who acts for whom, without “{visible(word)}”. Did you mean “/bailiff delegate”?"


def not_a_member(name: str, reason: str) -> str:
    """Return the answer if a person is no full member of the workspace, with the reason."""
    return f"{visible(name)} is {reason}, so they cannot act for you: choose a full member of this workspace."


def not_your_identifier(identifier: str, own: Iterable[str], unread: bool) -> str:  # noqa: FBT001 - a fact to be said
    """Return the answer to an identifier that is not the owner's. `unread`: the directory did not answer in full."""
    if unread:
        return f"The people directory did not say whether {identifier} is yours: try again later, or leave it out."
    names = sorted(own)
    question = did_you_mean(identifier, (*names, *END_WORDS))
    which = f" Yours: {', '.join(names)}." if names else " Leave it out: the delegate then acts on all that is yours."
    return f"{identifier} is not an identifier of yours.{question}{which}"


def begun(delegation: Delegation, replaced: Delegation | None, zone: tzinfo) -> Document:
    """Return the answer to the owner who made somebody their delegate."""
    name, until = short_name(delegation.delegate_name), date_time(delegation.until, zone)
    instead = f" This replaces what ended on {date_time(replaced.until, zone)}." if replaced else ""
    return sentence(
        f"{name} acts for you until {until}, on {_your(delegation)}, and gets copies of your messages.{instead} "
        "Bailiff tells them now. To end it: /bailiff delegates"
    )


def notice_of_begin(delegation: Delegation, replaced: Delegation | None, zone: tzinfo) -> Document:
    """Return the message to a new delegate."""
    name, until = short_name(delegation.owner_name), date_time(delegation.until, zone)
    text = f"You act for {name} until {until}"
    does = (
        f"{name} made you their delegate, for {_their(delegation)}. You can do with these instances what {name} can, "
        f"and you get copies of the messages about them. {name} is told what you do."
    )
    instead = f"This replaces what ended on {date_time(replaced.until, zone)}." if replaced else ""
    notes = filter(
        None,
        (
            instead,
            f"What there is to do now: /bailiff mine {visible(delegation.owner_address)}",
            "You or they can end it at any time: with the button, or in /bailiff delegates",
        ),
    )
    buttons = Buttons((end_delegation_button(delegation.id),))
    return Document(f"{text}.", text, (Paragraph(text=does), SmallPrint(tuple(notes)), buttons))


def notice_of_end(delegation: Delegation, ended_by: str, reader_id: str, zone: tzinfo, at: datetime) -> Document:
    """Return the message to the other person after one of the two, with the name `ended_by`, ended a delegation."""
    when = f"{short_name(ended_by)} ended it on {date_time(at, zone)}"
    if reader_id == delegation.owner_id:
        again = "To choose somebody else: /bailiff delegate"
        return sentence(f"{short_name(delegation.delegate_name)} does not act for you any more: {when}. {again}")
    return sentence(f"You do not act for {short_name(delegation.owner_name)} any more: {when}.")


def ended_text(delegation: Delegation, reader_id: str, at: datetime, zone: tzinfo) -> str:
    """Return that a delegation is over since a time, to the owner or the delegate who ended it."""
    when = f"(ended {date_time(at, zone)})"
    if reader_id == delegation.owner_id:
        return f"{short_name(delegation.delegate_name)} does not act for you any more {when}."
    return f"You do not act for {short_name(delegation.owner_name)} any more {when}."


def nothing_to_end(name: str) -> Document:
    """Return the answer if the user `name` does not act for the one who asks."""
    return sentence(f"{visible(name)} does not act for you, so there is nothing to end.")


def not_your_delegation() -> str:
    """Return why somebody else's delegation is not ended."""
    return "Only the owner and the delegate can end this: type /bailiff delegates for yours."


def delegation_list(
    given: Sequence[Delegation], received: Sequence[Delegation], zone: tzinfo, note: str = ""
) -> Document:
    """Return who acts for a person, and for whom this person acts, after a note."""
    acting = f"{plural(len(given), 'person acts', 'people act')} for you" if given else "Nobody acts for you"
    text = f"{acting}, and you act for {plural(len(received), 'person', 'people') if received else 'nobody'}"
    notes = (SmallPrint((_HOW_TO_BEGIN,)),)
    before = (Paragraph(text=note),) if note else ()
    return Document(f"{text}.", text, (*before, *delegation_items(given, received, zone), *notes))


def delegation_items(given: Sequence[Delegation], received: Sequence[Delegation], zone: tzinfo) -> Iterator[Part]:
    """Yield both lists, each line with *End*; nothing for an empty one."""
    for heading, delegations, line in (("Act for you:", given, _given), ("You act for:", received, _received)):
        if delegations:
            yield Paragraph(heading)
        for number, one in enumerate(delegations):
            buttons = Buttons((end_listed_delegation_button(one.id),), f"{heading} {number}")
            yield Item((line(one, zone),), buttons)


def _given(one: Delegation, zone: tzinfo) -> str:
    return f"{short_name(one.delegate_name)} until {date_time(one.until, zone)}, on {_your(one)}"


def _received(one: Delegation, zone: tzinfo) -> str:
    list_of = f"/bailiff mine {visible(one.owner_address)}"
    return f"{short_name(one.owner_name)} until {date_time(one.until, zone)}, on {_their(one)}: {list_of}"


def _your(delegation: Delegation) -> str:
    return f"your instances named {delegation.identifier}" if delegation.identifier else "all of your instances"


def _their(delegation: Delegation) -> str:
    return f"their instances named {delegation.identifier}" if delegation.identifier else "all of their instances"
