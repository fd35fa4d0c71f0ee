"""The process starts its parts in order, and stops in reverse order those that have started."""

import threading
from dataclasses import dataclass, field

import pytest

from bailiff_bot.errors import SlackError
from bailiff_bot.runtime.parts import Part
from bailiff_bot.runtime.process import BotProcess

NAMES = ("database", "socket", "workers", "schedule")


@dataclass(slots=True)
class RecordedParts:
    """Parts that record their starts and stops."""

    fails: str = ""
    """The part that cannot start."""
    fails_to_stop: str = ""
    events: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def process(self) -> BotProcess:
        return BotProcess(tuple(map(self._part, NAMES)), self.stopping)

    def _part(self, name: str) -> Part:
        def start() -> None:
            self.events.append(f"start {name}")
            if name == self.fails:
                raise SlackError("no")
            if name == NAMES[-1]:
                self.stopping.set()

        def stop() -> None:
            assert self.stopping.is_set()
            self.events.append(f"stop {name}")
            if name == self.fails_to_stop:
                raise SlackError("no")

        return Part(name, start, stop)


def test_all_parts_start_in_order_and_stop_in_reverse_order() -> None:
    parts = RecordedParts()
    parts.process().serve()
    assert parts.events == [*(f"start {name}" for name in NAMES), *(f"stop {name}" for name in reversed(NAMES))]


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_if_a_part_cannot_start_those_before_it_are_stopped_and_nothing_else(number: int) -> None:
    parts = RecordedParts(fails=NAMES[number])
    with pytest.raises(SlackError):
        parts.process().serve()
    started = [f"start {name}" for name in NAMES[: number + 1]]
    assert parts.events == [*started, *(f"stop {name}" for name in reversed(NAMES[:number]))]


@pytest.mark.parametrize("name", NAMES)
def test_a_part_that_cannot_stop_does_not_keep_the_others_from_stopping(name: str) -> None:
    parts = RecordedParts(fails_to_stop=name)
    parts.process().serve()
    assert parts.events[len(NAMES) :] == [f"stop {name}" for name in reversed(NAMES)]
