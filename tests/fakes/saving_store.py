"""What was saved, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bailiff_bot.domain.saving import Saving
from bailiff_bot.domain.saving_changes import Followed, SavingState
from bailiff_bot.domain.subject import Subject


@dataclass
class FakeSavingStore:
    """Keeps what was recorded in memory."""

    followed: Mapping[Subject, Followed] = field(default_factory=dict)
    last: datetime | None = None
    lost: int = 0
    """How often another process is to come first."""

    def state(self, _at: datetime) -> SavingState:
        return SavingState(self.last, self.followed, {})

    def record(self, before: SavingState, after: Mapping[Subject, Followed], at: datetime) -> bool:
        if self.lost:
            self.lost -= 1
            return False
        assert before.last_scan == self.last
        self.followed, self.last = dict(after), at
        return True

    def since(self, at: datetime) -> tuple[Saving, ...]:
        return tuple(one for found in self.followed.values() for one in found.savings if one.lasted_until >= at)

    def last_scan(self) -> datetime | None:
        return self.last
