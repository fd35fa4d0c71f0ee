"""The wording of what was not read in some regions although their instances were."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bailiff_bot.domain.gap import Gap, GapSource, gaps_of
from bailiff_bot.domain.inventory import Coverage
from bailiff_bot.messages.formatting import plural

REGIONAL: Mapping[GapSource, str] = {GapSource.USAGE: "usage not read"}
"""The sources that are read by region, and what their gaps are called. They have a line of the coverage."""


def regional_lines(gaps: Iterable[Gap], coverage: Coverage) -> list[str]:
    """Return "Usage not read in 3 of 17 regions: access denied; allow ...", a line for each source with gaps."""
    gaps = tuple(gaps)
    found = {source: gaps_of(source, gaps) for source in REGIONAL}
    return [_line(source, those, coverage.target_count) for source, those in found.items() if those]


def _line(source: GapSource, gaps: tuple[Gap, ...], regions: int) -> str:
    unread = len({gap.where for gap in gaps})
    remedies = dict.fromkeys(gap.remedy for gap in gaps if gap.remedy)
    what = f"{REGIONAL[source].capitalize()} in {unread:,} of {plural(regions, 'region')}: {_reasons(gaps)}"
    return "; ".join([what, *remedies])


def _reasons(gaps: tuple[Gap, ...]) -> str:
    """Return the reasons, the commonest first, with their numbers if there are several."""
    counted = Counter(gap.reason for gap in gaps).most_common()
    return ", ".join(f"{reason} in {count:,}" for reason, count in counted) if len(counted) > 1 else counted[0][0]
