"""The actions that the torture clicks, and the writes that each of them makes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from tests.torture.kills import DatabaseWrite

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Before everything that is stored."""
Where = Literal["message", "exemptions", "notice", "triage"]
"""Where the button is: the direct message of an owner, their answer to `/bailiff exemptions`, the notice of another
owner, the triage channel."""


@dataclass(frozen=True, slots=True)
class ClickedAction:
    """An action that is one button. A further action is a further value."""

    name: str
    """The action's name in the results and in the audit log."""
    button: str
    says: str
    """What the message says once it is done, with `{}` for the instance; in triage, what follows its name."""
    writes: tuple[DatabaseWrite, ...]
    """What it writes before its message is rendered again."""
    has_form: bool = False
    after: "ClickedAction | None" = None
    """What must be done before it can be clicked."""
    keeps: bool = False
    """Whether the instance is kept afterwards."""
    where: Where = "message"
    instances: int = 1
    """How many instances it concerns."""
    told: str = "other"
    """Who gets a notice of it: the `owner` who is clicking elsewhere, or the `other` owner."""
    rest: str = ""
    """The button for what is left after a half; empty for the same button."""

    def __str__(self) -> str:
        return self.button if self.where == "message" else f"{self.button} ({self.where})"


_KEEP_WRITES = (
    DatabaseWrite("clicks.save"),
    DatabaseWrite("results.keep"),
    DatabaseWrite("action.insert_result"),
    DatabaseWrite("action.insert_exemption"),
    DatabaseWrite("action.append"),
)
_END_WRITES = (
    DatabaseWrite("results.end"),
    DatabaseWrite("action.insert_result"),
    DatabaseWrite("action.end_exemption"),
    DatabaseWrite("action.append"),
)
KEEP = ClickedAction("keep", "Keep", "keeps {}", _KEEP_WRITES, has_form=True, keeps=True)
UNDO = ClickedAction("undo", "Undo", "undid it, so {}", _END_WRITES, after=KEEP)
NOT_MINE = ClickedAction(
    "not-mine",
    "Not mine",
    "says that {}",
    (
        DatabaseWrite("clicks.save"),
        DatabaseWrite("results.disclaim"),
        DatabaseWrite("action.insert_result"),
        DatabaseWrite("action.insert_disclaimer"),
        DatabaseWrite("action.append"),
    ),
    has_form=True,
)
ASSIGN = ClickedAction(
    "assign",
    "Assign to...",
    "assigned it to",
    (
        DatabaseWrite("clicks.save"),
        DatabaseWrite("results.assign"),
        DatabaseWrite("action.insert_result"),
        DatabaseWrite("action.insert_assignment"),
        DatabaseWrite("action.append"),
        DatabaseWrite("triage.mark_shown"),
    ),
    has_form=True,
    after=NOT_MINE,
    where="triage",
)
END = ClickedAction("end", "End", "ended the exemption of {}", _END_WRITES, after=KEEP, where="exemptions")
END_IN_NOTICE = ClickedAction(
    "end", "End", "ended the exemption of {}", _END_WRITES, after=KEEP, where="notice", told="owner"
)
_KEEP_ALL_WRITES = (_KEEP_WRITES[0], *(replace(write, times=2) for write in _KEEP_WRITES[1:]))
KEEP_ALL = ClickedAction(
    "keep", "Keep all 2", "keeps {}", _KEEP_ALL_WRITES, has_form=True, keeps=True, instances=2, rest="Keep"
)
ACTIONS = (KEEP, UNDO, NOT_MINE, ASSIGN, END, END_IN_NOTICE, KEEP_ALL)
RENDERING_WRITES = (
    DatabaseWrite("leases.acquire", "message "),
    DatabaseWrite("deliveries.save_plan"),
    DatabaseWrite("results.mark_shown"),
    DatabaseWrite("leases.release", "message "),
    DatabaseWrite("deliveries.reserve_send_time"),
    DatabaseWrite("deliveries.claim"),
    DatabaseWrite("deliveries.mark_attempted"),
    DatabaseWrite("transport.send"),
    DatabaseWrite("deliveries.settle"),
    DatabaseWrite("deliveries.mark_finished"),
)
"""What every action writes when its message is rendered again. `transport.send` edits the message in Slack."""
NOTICE_WRITES = (
    DatabaseWrite("notices.tell"),
    DatabaseWrite("notice.write_plans"),
    DatabaseWrite("deliveries.claim", "/notice "),
    DatabaseWrite("transport.send", "/notice "),
    DatabaseWrite("deliveries.settle", "/notice "),
)
"""What every action writes when the other owner is told."""
