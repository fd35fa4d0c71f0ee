"""The rule that instances are in allowed regions."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import Fact
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.rules.reasons import ALWAYS, Reasons
from bailiff_bot.domain.rules.rule import Breach, Rule


@dataclass(frozen=True, slots=True)
class AllowedRegion(Rule):
    """Broken by an instance in another region than the allowed ones. Without allowed regions it is off."""

    allowed_regions: frozenset[str]

    sort_key = attrgetter("instance.target.region", "instance.target.account", "instance.id")

    def check(self, case: Case, _as_of: datetime) -> Breach | None:
        """Return the region, in whatever state the instance is."""
        region = case.instance.target.region
        return None if self._allows(region) else Breach(f"in {region}")

    def undetermined(self, _case: Case, _as_of: datetime) -> Gap | None:
        """Return None: the region of an instance is always known."""
        return None

    def explain(self, case: Case) -> Reasons:
        """Return the region, and the allowed ones."""
        region = case.instance.target.region
        allowed = ", ".join(sorted(self.allowed_regions)) or "all, so the rule is off"
        facts = (
            Fact("region", region, "the scan of this region"),
            Fact("allowed regions", allowed, "BAILIFF_ALLOWED_REGIONS"),
        )
        return Reasons("in a region that is not allowed", facts, None if self._allows(region) else ALWAYS)

    def _allows(self, region: str) -> bool:
        return not self.allowed_regions or region in self.allowed_regions
