"""Splits what somebody types after a command into words, as they were meant."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|(?P<name>[^<>]*))?>"  # a user whom Slack recognized
    r"|<(?P<link>[^<>]*)>"  # another thing that Slack recognized: `mailto:address|label`, `#channel|name`, a URL
    r"|(?P<text>[^\s<]+|<)"
)
_LINK = re.compile(r"<([^<>]*)>")
_WORD = re.compile(r"(?:(?<![^<>=≥≤$\s])[0-9]{1,3}(?:,[0-9]{1,3})+(?![0-9])|[^\s,;])+")
"""Commas and blanks separate words. A comma in an amount does not: `cost>1,000`."""
_QUOTES = "'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_TRIMMED = f"{_QUOTES}.:!?()[]"
"""Characters around a word that do not belong to it."""
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
"""A phone may type one of these for a hyphen."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A user who is mentioned, as Slack recognized it."""

    user_id: str
    name: str = ""
    """The name that Slack sends, only to be shown; empty if it sends none."""


def typed_words(text: str) -> tuple[str | Mention, ...]:
    """Return the words of a text, in which Slack has escaped `&`, `<` and `>`. Never raises.

    Quotes and punctuation around a word, invisible characters, commas and blanks between words do not count.
    """
    return tuple(word for match in _TOKEN.finditer(text) for word in _words(match))


def typed_text(text: str) -> str:
    """Return a text as it was typed, without quotes around it. Slack makes a link of what looks like an address."""
    shown = _LINK.sub(lambda link: _shown(link[1]), text)
    return html.unescape(shown).strip().strip(_QUOTES).strip()


def _shown(link: str) -> str:
    return link.rpartition("|")[2].removeprefix("mailto:")


def _words(match: re.Match[str]) -> Iterator[str | Mention]:
    if match["user"]:
        yield Mention(match["user"], html.unescape(match["name"] or ""))
        return
    text = match["text"] or _shown(match["link"] or "")
    yield from filter(None, map(_trimmed, _WORD.findall(html.unescape(text))))


def _trimmed(word: str) -> str:
    seen = "".join(character for character in word if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})
    return seen.translate(_DASHES).strip(_TRIMMED)
