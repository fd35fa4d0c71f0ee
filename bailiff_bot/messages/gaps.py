"""The wording of gaps: in the small print of messages, in the terminal, and in a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bailiff_bot.domain.gap import Gap, GapSource, gaps_of
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS
from bailiff_bot.messages.regional_gaps import REGIONAL

_MAX_REASONS = 3
"""A message names at most so many gaps of a source; the CSV has all."""
_MAX_UNREAD = 20
"""A message names at most so many unread targets of one reason; the CSV has all."""


@dataclass(frozen=True, slots=True)
class GapText:
    """The wording of the gaps of one source."""

    label: str
    """What a gap is called in a file."""
    alarm: str
    """How a gap's line in the terminal begins."""
    line: Callable[[Sequence[str]], str]
    """Returns the line of the small print, from the reasons that no line before it names."""


def label(gap: Gap) -> str:
    """Return what a gap is called in a file: `directory incomplete`."""
    expected = ", as expected" if gap.expected else ""
    return f"{_text(gap.source).label}{expected}"


def alarm_lines(gaps: Iterable[Gap]) -> list[str]:
    """Return the gaps for the administrator: what is missing, why, and what to do about it.

    Each gap has a line of its own, except that whole accounts that are missing for one reason share a line, and so do
    regions in which only something about their instances is missing. The bot's own credentials are one reason for all
    accounts.
    """
    gaps_of_line: dict[Gap, list[Gap]] = {}
    for gap in gaps:
        gaps_of_line.setdefault(_shared(gap), []).append(gap)
    return [_alarm_line(those[0], [gap.where for gap in those if gap.where]) for those in gaps_of_line.values()]


def _shared(gap: Gap) -> Gap:
    """Return what is the same in all gaps of a line."""
    if gap.source in REGIONAL:
        return replace(gap, where=None, detail="")  # the detail names an account
    whole_account = gap.where is not None and gap.where.region == ALL_REGIONS
    return replace(gap, where=None) if whole_account else gap


def _alarm_line(gap: Gap, targets: Sequence[Target]) -> str:
    what = f"{_whole_names(targets)} ({gap.reason})" if targets else gap.reason
    return "; ".join(part for part in (f"{_text(gap.source).alarm}: {what}", gap.detail, gap.remedy) if part)


def gap_lines(gaps: Iterable[Gap]) -> list[str]:
    """Return the lines of the small print about gaps, one for each source that has any.

    The coverage names targets, and `regional_lines` what was not read in some of them.
    """
    gaps = tuple(gaps)
    named: set[str] = set()
    lines: list[str] = []
    for source in (*_TEXTS, *(source for source in GapSource if source not in _TEXTS)):
        reasons = [gap.reason for gap in gaps_of(source, gaps)]
        if reasons:
            lines.append(_text(source).line([reason for reason in reasons if reason not in named]))
        named.update(gap.reason for gap in gaps_of(source, gaps) if gap.where is None)
    return [line for line in lines if line]


def unread_names(gaps: Iterable[Gap], accounts: int) -> str:
    """Return the names of the unread targets, grouped by reason: `sa-east-1 (access denied); eu-west-3 (timed out)`."""
    named = sorted((gap.reason, gap.where) for gap in gaps if gap.where)
    return "; ".join(
        f"{_target_names([target for _, target in those], accounts)} ({reason})"
        for reason, those in groupby(named, key=lambda pair: pair[0])
    )


def _target_names(targets: Sequence[Target], accounts: int) -> str:
    names = [_target_name(target, accounts) for target in targets[:_MAX_UNREAD]]
    more = [f"{len(targets) - _MAX_UNREAD} more"] if len(targets) > _MAX_UNREAD else []
    return ", ".join(names + more)


def _target_name(target: Target, accounts: int) -> str:
    """Return the name of a target: its region, with the account if there is more than one."""
    if target.region == ALL_REGIONS:
        return f"account {target.account}" if target.account.isdigit() else target.account
    return f"{target.account}/{target.region}" if accounts > 1 else target.region


def _whole_names(targets: Sequence[Target]) -> str:
    """Return the names of targets, with what they share at the end: a region, or "every region" of whole accounts."""
    region = targets[0].region
    if any(target.region != region for target in targets):
        return _target_names(targets, len(targets))
    names = [target.account for target in targets[:_MAX_UNREAD]]
    more = [f"{len(targets) - _MAX_UNREAD} more"] if len(targets) > _MAX_UNREAD else []
    comma = "," if len(targets) > 1 else ""
    return f"{', '.join(names + more)}{comma} {'every region' if region == ALL_REGIONS else region}"


def _not_plausible(reasons: Sequence[str]) -> str:
    return (
        f"Not plausible: {'; '.join(reasons)}. Until this has lasted a day, no owner is notified and nothing is called "
        "fixed"
    )


def _directory(reasons: Sequence[str]) -> str:
    return f"{_incomplete(GapSource.DIRECTORY, reasons)}: unknown identifiers are not reported"


def _incomplete(source: GapSource, reasons: Sequence[str]) -> str:
    more = [f"{len(reasons) - _MAX_REASONS} more"] if len(reasons) > _MAX_REASONS else []
    why = f"incomplete ({'; '.join([*reasons[:_MAX_REASONS], *more])})" if reasons else "not plausible"
    return f"{source.capitalize()} {why}"


_TEXTS: Mapping[GapSource, GapText] = {
    GapSource.COUNT: GapText(
        "not plausible",
        "not plausible (no owner is notified and nothing is called fixed until this has lasted a day)",
        _not_plausible,
    ),
    GapSource.DIRECTORY: GapText("directory incomplete", "directory incomplete", _directory),
    GapSource.TARGET: GapText("unread", "not read", lambda _: ""),
    **{source: GapText(what, what, lambda _: "") for source, what in REGIONAL.items()},
}
"""The sources with a wording of their own, in the order of the small print."""


def _text(source: GapSource) -> GapText:
    incomplete = f"{source} incomplete"
    return _TEXTS.get(source) or GapText(incomplete, incomplete, lambda reasons: _incomplete(source, reasons))
