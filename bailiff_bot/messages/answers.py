"""The short answers to commands and clicks: the help, refusals, notes and single sentences."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from bailiff_bot.domain.action import AWS_ACTIONS, Action
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.report_filter import View
from bailiff_bot.messages.document import Bullets, Code, Document, Paragraph, sentence
from bailiff_bot.messages.formatting import visible
from bailiff_bot.messages.suggestions import did_you_mean
from bailiff_bot.messages.wording import may_do

_MAX_ECHO = 60
"""Characters of an unknown command that the help repeats."""
SHARING, SHARED = "It is being shared in this channel.", "Shared in this channel."
"""The notes on a summary after a click on *Share in channel*."""
NOT_SHAREABLE = "A report can be shared only in an internal channel of which the bot is a member (/invite @Bailiff)."
"""Why a report cannot be shared in a channel."""
FULL_REPORT_COMING = "The full report is being sent to your conversation with Bailiff."
"""The note on a message after a click on *Full report*."""
OLD_BUTTON = "The button is from another version of Bailiff. Type the command again."
"""Why a click on a button is refused."""
_FILTERS = "region, account, rule, identifier, address or @user"
_BY_COST = "/bailiff report cost>100"
"""The command that is listed only where instances have prices."""
_USAGE = (
    ("/bailiff report", "all instances: which rules they break, and what could not be read"),
    ("/bailiff report eu-west-1 AGR", f"a part of them, by {_FILTERS}"),
    (_BY_COST, "what breaks a rule and costs more than $100 a month, a controller as a whole"),
    ("/bailiff mine", "your own instances, and what to do about each"),
    ("/bailiff mine AGR", "the instances of somebody else: an identifier, an address or @user"),
    ("/bailiff why agr-web", "how an instance was judged, by its name or id; who was told, what is next"),
    ("/bailiff exemptions", "who keeps what, until when and why; what a tag exempts; filters as in a report"),
    ("/bailiff delegate @name 14d AGR", "let somebody act for you; without AGR on all of your instances"),
    ("/bailiff delegates", "who acts for you, for whom you act, and how to end it"),
    ("/bailiff brake", "how much was done in AWS in 24 hours; administrators stop it: /bailiff brake on"),
    ("/bailiff help", "this help"),
)
_COMMANDS = frozenset(usage.split()[1] for usage, _ in _USAGE)
_BRAKE = "/bailiff brake"
"""The command that is listed only where Bailiff changes something in AWS."""


def usage(words: str | None = None, offered: AbstractSet[Action] = frozenset(), *, has_costs: bool = False) -> Document:
    """Return the help, which begins with what Bailiff does. `offered` is what owners can do with buttons.

    `words` is an unknown command, which the help repeats; None if the user asked for help. `has_costs` is True if
    instances have prices.
    """
    if words is None:
        text = f"Bailiff checks the EC2 instances of this team. It {may_do(offered)}."
    elif not words:
        text = "Choose a command"
    else:
        text = f"Unknown command “{_beginning(visible(words))}”{_suggestion(words)}"
    hidden = {_BRAKE: not offered & AWS_ACTIONS, _BY_COST: not has_costs}
    listed = [(command, description) for command, description in _USAGE if not hidden.get(command)]
    commands = Bullets(tuple((Code(command), f"  {description}") for command, description in listed))
    summary = f"{text.rstrip('?.')}: /bailiff report, /bailiff mine or /bailiff help."
    return Document(summary, "", (Paragraph(text=text), commands))


def _suggestion(words: str) -> str:
    """Return the command that was probably meant, as a question; empty if none is close."""
    question = did_you_mean("".join(words.split(maxsplit=1)[:1]), _COMMANDS)
    return f".{question}" if question else ""


def unknown_filter(word: str, choices: Iterable[str], *, has_costs: bool = False) -> Document:
    """Return the answer to a word that is no filter. `choices` are words that are.

    `has_costs` is True if instances have prices.
    """
    known = f"A report is filtered by {_FILTERS}{', or by cost>100' if has_costs else ''}; several combine."
    return sentence(f"Unknown filter “{_beginning(visible(word))}”.{did_you_mean(word, choices)} {known}")


def wrong_cost(words: str) -> Document:
    """Return the answer to a filter by cost that cannot be read, or to several, with the correct form."""
    form = "Type one, as cost>100 or cost>=100, in dollars a month"
    return sentence(f"Bailiff cannot filter by the cost “{_beginning(visible(words))}”. {form}.")


def prices_off() -> Document:
    """Return the answer to a filter by cost while nothing has a price."""
    return sentence("Prices are off, so nothing can be filtered by cost: set BAILIFF_PRICES=on, or leave out the cost.")


def exemptions_by_cost() -> Document:
    """Return the answer to a filter of exemptions by cost."""
    return sentence("Exemptions cannot be filtered by cost: what is exempt has none. Leave out the cost.")


def too_many_filters(limit: int) -> Document:
    """Return the answer to a command with more than `limit` filters."""
    return sentence(f"Too many filters: a report has at most {limit}.")


def not_scanned(place: str, choices: Iterable[str]) -> Document:
    """Return the answer to a filter for a region or an account that is not scanned. `choices` are those that are."""
    return sentence(f"Bailiff does not read {place}, so it knows nothing about it.{did_you_mean(place, choices)}")


def _beginning(words: str) -> str:
    return words if len(words) <= _MAX_ECHO else f"{words[: _MAX_ECHO - 1]}…"


def refusal(reason: NoOwner) -> Document:
    """Return the answer to a user whom Bailiff does not answer, with the reason."""
    return sentence(f"Bailiff answers only full members of this workspace; you are {reason.reason}.")


def first_scan() -> Document:
    """Return the answer before the first scan has ended."""
    return sentence("Reading all regions for the first time. The answer follows in a moment.")


def no_address(view: View, name: str = "") -> Document:
    """Return the answer about a user whose e-mail address Slack does not tell: the one who asks, or the user `name`."""
    whose = f"the e-mail address of {visible(name)}" if name else "your e-mail address"
    return sentence(f"Slack does not show Bailiff {whose}. {_instead(view)}")


def no_member(name: str, reason: NoOwner, view: View) -> Document:
    """Return the answer about the user `name`, who is no full member of the workspace, with the reason."""
    return sentence(f"{visible(name)} is {reason.reason}, so Bailiff does not look for instances. {_instead(view)}")


def no_identifier(address: str, people: People, view: View) -> Document:
    """Return the answer about an address that neither the directory nor an owner tag has, with the reason."""
    return sentence(f"{_why_no_identifier(visible(address), people)} {_instead(view)}")


def _instead(view: View) -> str:
    return f"Type the identifier instead: /bailiff {view} AGR"


def _why_no_identifier(address: str, people: People) -> str:
    if not people.consulted:
        return f"Bailiff has no people directory, so it does not know the identifier of {address}."
    if people.gaps:
        why = "; ".join(gap.reason for gap in people.gaps)
        return f"The directory is incomplete ({why}), and {address} is not in the rest."
    return f"The directory has no identifier for {address}: ask its administrator to add it."


def full_report_sent(missing: Sequence[str]) -> str:
    """Return the note on a message after the full report was sent. `missing` has a line for each message not sent."""
    rest = f"but not all of it: {'; '.join(missing)}" if missing else "with every table and a CSV"
    return f"The full report is in your conversation with Bailiff, {rest}."


def restarting() -> Document:
    """Return the answer while the bot stops."""
    return sentence("Bailiff is restarting: try again in a minute.")


def failed(reason: str) -> Document:
    """Return the answer to a request that failed. `reason` is a sentence."""
    return sentence(f"That did not work. {reason}")


def crashed() -> Document:
    """Return the answer to a request that failed because of a bug."""
    return sentence("That did not work: an unexpected error, see Bailiff's log.")
