"""The actions in AWS that the torture kills: the writes and the calls to AWS of each, and what is left of it."""

from dataclasses import dataclass
from typing import ClassVar

from tests.torture.clicked_actions import NOTICE_WRITES, RENDERING_WRITES
from tests.torture.kills import DatabaseWrite

NEW_NAME = "{}-worker"
"""The name that *Rename* gives, by the identifier of who clicks."""


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call to AWS. If the bot is killed after it, AWS did it, and Bailiff does not know that."""

    operation: str
    times: int = 1
    """How often the action makes it. The runs use each of these calls in turn."""

    method: ClassVar[str] = "aws._make_api_call"

    @property
    def subject_part(self) -> str:
        """The operation, which is the first argument of the method."""
        return self.operation

    def __str__(self) -> str:
        return f"AWS {self.operation}"


Boundary = DatabaseWrite | AwsCall


@dataclass(frozen=True, slots=True)
class AwsAction:
    """An action that changes something in AWS, or that keeps a deletion from it."""

    title: str
    says: str
    """What the message of who clicked says once it is done, with `{}` for the name of the instance."""
    boundaries: tuple[Boundary, ...]
    """The writes and calls that it makes, apart from those that every action makes."""
    results: tuple[str, ...]
    """What is stored of the instance afterwards: an action and its outcome each."""
    calls: tuple[str, ...]
    """The operations of EC2 that change the instance, each as often as it was asked for."""
    state: str
    """The state of the instance afterwards."""
    button: str = ""
    """Empty for what nobody clicks: a deletion that is due."""
    typed: tuple[tuple[str, str], ...] | None = None
    """What is typed into each field of its form, with `{}` for the identifier of who clicks; None without a form."""
    after: "AwsAction | None" = None
    """What must be done before."""
    is_due: bool = False
    """Whether it happens once the time in which everybody could cancel is over."""
    told: int = 1
    """How many messages tell the other owner of it, and of what was done before."""
    told_self: int = 0
    """How many messages tell who clicked: a deletion is over long after the click."""
    posted: int = 0
    """How many messages in the triage channel are about the instance."""
    new_name: str = ""
    """Its name afterwards, with `{}` for the identifier; empty for the one that it had."""
    is_stopped: bool = False
    """Whether the instance is stopped before all of it."""

    def __str__(self) -> str:
        return self.title


_BEGIN = (
    DatabaseWrite("results.begin"),
    DatabaseWrite("action.insert_result"),
    DatabaseWrite("action.append", times=2),
)
_SETTLE = (DatabaseWrite("results.settle"), DatabaseWrite("action.save_settled"))
_POST = tuple(
    DatabaseWrite(method, "/deletion") for method in ("deliveries.claim", "transport.send", "deliveries.settle")
)
"""What is written when the triage channel is told of a deletion."""
_FORM, _SLOT = DatabaseWrite("clicks.save"), DatabaseWrite("action.take_slot")

STOP = AwsAction(
    "Stop",
    "stopped {}",
    (
        _FORM,
        *_BEGIN,
        _SLOT,
        AwsCall("AssumeRole", times=3),
        AwsCall("StopInstances"),
        DatabaseWrite("results.note_request"),
        DatabaseWrite("snapshots.update"),
        *_SETTLE,
    ),
    ("stop done",),
    ("StopInstances",),
    "stopped",
    button="Stop",
    typed=(),
)
UNDO_STOP = AwsAction(
    "Undo of a stop",
    "started {}",
    (*_BEGIN, AwsCall("AssumeRole"), AwsCall("StartInstances"), *_SETTLE),
    ("stop done", "undo done"),
    ("StopInstances", "StartInstances"),
    "running",
    button="Undo",
    after=STOP,
    told=2,
)
RENAME = AwsAction(
    "Rename",
    "renamed {}",
    (_FORM, *_BEGIN, _SLOT, AwsCall("AssumeRole", times=2), AwsCall("CreateTags"), *_SETTLE),
    ("rename done",),
    ("CreateTags",),
    "running",
    button="Rename",
    typed=(("name", NEW_NAME),),
    new_name=NEW_NAME,
)
REQUEST = AwsAction(
    "Delete",
    "asked to delete {}",
    (
        _FORM,
        DatabaseWrite("deletions.request"),
        DatabaseWrite("deletion.begin_action"),
        _SLOT,
        DatabaseWrite("deletion.append", times=2),
        AwsCall("AssumeRole", times=3),
        AwsCall("CreateImage"),
        DatabaseWrite("deletions.move"),
        DatabaseWrite("deletion._move"),
        *_POST,
    ),
    ("delete pending",),
    (),
    "stopped",
    button="Delete",
    typed=(("confirmation", "x_{}worker"),),
    posted=1,
    is_stopped=True,
)
CANCEL = AwsAction(
    "Cancel the deletion",
    "cancelled the deletion of {}",
    (
        DatabaseWrite("deletions.cancel"),
        DatabaseWrite("deletion._move"),
        DatabaseWrite("deletion.insert_result"),
        DatabaseWrite("deletion.save_settled"),
        DatabaseWrite("deletion.append"),
        *_POST,
    ),
    ("delete cancelled", "cancel done"),
    (),
    "stopped",
    button="Cancel the deletion",
    after=REQUEST,
    told=2,
    posted=2,
    is_stopped=True,
)
DUE = AwsAction(
    "deletion that is due",
    "deleted {}",
    (
        AwsCall("AssumeRole", times=3),
        AwsCall("DescribeImages"),
        DatabaseWrite("deletions.begin_terminating"),
        DatabaseWrite("deletion._move", times=2),
        DatabaseWrite("deletion.append", times=2),
        AwsCall("TerminateInstances"),
        DatabaseWrite("deletions.settle"),
        DatabaseWrite("deletion.save_settled"),
        *_POST,
    ),
    ("delete done",),
    ("TerminateInstances",),
    "terminated",
    after=REQUEST,
    is_due=True,
    told=2,
    told_self=1,
    posted=2,
    is_stopped=True,
)
AWS_ACTIONS = (STOP, UNDO_STOP, RENAME, REQUEST, CANCEL, DUE)


@dataclass(frozen=True, slots=True)
class AwsKill:
    """A write or a call of an action, and when the bot is killed at it."""

    action: AwsAction
    boundary: Boundary
    when: str
    """`before` or `after`. Before a step of a transaction, the steps before it are made and not committed."""

    def __str__(self) -> str:
        return f"{self.action}: {self.when} {self.boundary}"


AWS_KILLS = tuple(
    AwsKill(action, boundary, when)
    for action in AWS_ACTIONS
    for boundary in (*action.boundaries, *RENDERING_WRITES, *NOTICE_WRITES)
    for when in ("before", "after")
)
