"""The actions that the torture clicks, and the writes that each of them makes."""

from dataclasses import dataclass

from tests.torture.kills import DatabaseWrite


@dataclass(frozen=True, slots=True)
class ClickedAction:
    """An action that is one button in an owner's direct message. A further action is a further value."""

    name: str
    """The action's name in the results and in the audit log."""
    button: str
    says: str
    """What the message says once it is done."""
    writes: tuple[DatabaseWrite, ...]
    """What it writes before its message is rendered again."""
    has_form: bool = False
    after: "ClickedAction | None" = None
    """What must be done before it can be clicked."""
    keeps: bool = False
    """Whether the instance is kept afterwards."""

    def __str__(self) -> str:
        return self.button


KEEP = ClickedAction(
    "keep",
    "Keep",
    "keeps",
    (
        DatabaseWrite("clicks.save"),
        DatabaseWrite("results.keep"),
        DatabaseWrite("action._insert"),
        DatabaseWrite("action.insert_exemption"),
        DatabaseWrite("action.append"),
    ),
    has_form=True,
    keeps=True,
)
UNDO = ClickedAction(
    "undo",
    "Undo",
    "undid it",
    (
        DatabaseWrite("results.end"),
        DatabaseWrite("action._insert"),
        DatabaseWrite("action.end_exemption"),
        DatabaseWrite("action.append"),
    ),
    after=KEEP,
)
NOT_MINE = ClickedAction(
    "not-mine",
    "Not mine",
    "is not theirs",
    (
        DatabaseWrite("clicks.save"),
        DatabaseWrite("results.disclaim"),
        DatabaseWrite("action._insert"),
        DatabaseWrite("action.insert_disclaimer"),
        DatabaseWrite("action.append"),
    ),
    has_form=True,
)
ACTIONS = (KEEP, UNDO, NOT_MINE)
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
