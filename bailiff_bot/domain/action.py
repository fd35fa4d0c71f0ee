"""An action on an instance: who asks, what is asked, and what the instance is now. Pure values, read at the click."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bailiff_bot.domain.instance import InstanceState


class Action(StrEnum):
    """What can be done to an instance. The names are those of `BAILIFF_ACTIONS`; undo and end are always offered."""

    KEEP = "keep"
    NOT_MINE = "not-mine"
    RENAME = "rename"
    STOP = "stop"
    DELETE = "delete"
    UNDO = "undo"
    END = "end"
    """End an exemption, however long ago it was granted."""
    CANCEL = "cancel"
    """Cancel a deletion that waits."""
    ASSIGN = "assign"
    """Remember an owner. Offered with `NOT_MINE`, to administrators."""
    TAG = "tag"
    """Write that owner into the tag `bailiff:owner`. It follows `ASSIGN`, and is never offered by itself."""


AWS_ACTIONS = frozenset({Action.STOP, Action.RENAME, Action.DELETE, Action.TAG})
"""The actions that change something in AWS, apart from the undoing of a stop."""


class Membership(StrEnum):
    """What Slack says of the person who clicked."""

    FULL = "full"
    GUEST = "guest"
    EXTERNAL = "external"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    UNASKED = "unasked"
    """Slack did not answer."""


@dataclass(frozen=True, slots=True)
class Person:
    """The person who asks for an action, and what this person is to the instance now."""

    membership: Membership
    owns: bool = False
    """An owner, or the active delegate of one. Who said "not mine" is no owner."""
    owner_for: timedelta = timedelta()
    """How long scans have shown this owner, or the one for whom the delegate acts."""
    is_admin: bool = False
    identifiers: frozenset[str] = frozenset()
    """The identifiers, upper case, of the owner: this person, or the one for whom the delegate acts."""


class UnreadInstance(StrEnum):
    """Why there is no instance to look at."""

    UNREAD = "unread"
    """AWS refused or did not answer."""
    GONE = "gone"
    """It does not exist any more."""


class Lifecycle(StrEnum):
    """How an instance was bought."""

    ON_DEMAND = "on-demand"
    SPOT_ONE_TIME = "spot-one-time"
    SPOT_PERSISTENT = "spot-persistent"


class Keeper(StrEnum):
    """Whose exemption an instance has."""

    NOBODY = "nobody"
    SELF = "self"
    """The person's own alone."""
    OTHERS = "others"


class Volumes(StrEnum):
    """What becomes of volumes when the instance is deleted."""

    DELETED = "deleted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class CurrentInstance:
    """An instance as it was read for this decision."""

    id: str
    name: str
    """Empty without one."""
    state: InstanceState
    is_compliant: bool = False
    is_abandoned: bool = False
    is_managed: bool = False
    kept_by: Keeper = Keeper.NOBODY
    lifecycle: Lifecycle = Lifecycle.ON_DEMAND
    has_instance_store_root: bool = False
    is_stop_protected: bool = False
    is_termination_protected: bool = False
    has_local_disk: bool = False
    has_public_address: bool = False
    """A public address that is no Elastic IP."""
    has_elastic_address: bool = False
    volumes: frozenset[Volumes] = frozenset({Volumes.DELETED})
    """What becomes of its volumes, the root volume included."""
    is_scheduled: bool = False
    """A scheduler starts it again."""
    is_in_stack: bool = False
    is_used: bool = False
    """Its metrics show use."""


class Done(StrEnum):
    """What came of the same click before."""

    NO = "no"
    FAILED = "failed"
    """It was refused or failed, so it was not done."""
    YES = "yes"
    """It was carried out, or nobody knows."""


class Brake(StrEnum):
    """Why no further action in AWS is allowed for now."""

    NONE = "none"
    PERSON = "person"
    """The limit of one person is reached."""
    ALL = "all"
    """The limit of everybody is reached, or an administrator put the brake on."""
    IMPLAUSIBLE = "implausible"
    """What the last scan read is not plausible."""


@dataclass(frozen=True, slots=True)
class ActionInput:
    """What was typed or chosen in the modal."""

    until: date | None = None
    """The day until which to keep, in the team's calendar."""
    reason: str = ""
    name: str = ""
    confirmation: str = ""
    """The name or the id, typed to confirm a deletion."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What is undone or ended."""

    action: Action
    at: datetime
    """When the instance was stopped, or the exemption granted."""
    by_self: bool
    """True if the person who asks did it."""


class ImageState(StrEnum):
    """What became of the image that a deletion waits for."""

    OFF = "off"
    """No image is wanted."""
    PENDING = "pending"
    AVAILABLE = "available"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DueDeletion:
    """A requested deletion that is due now."""

    image: ImageState
    is_cancelled: bool = False
    asked_at: datetime | None = None
    """When it was asked for: an exemption that was granted later stops it, whoever granted that."""


@dataclass(frozen=True, slots=True)
class Request:
    """An action that somebody asks for, with all that decides whether it is done."""

    action: Action
    person: Person
    instance: CurrentInstance | UnreadInstance
    at: datetime
    directory_read: bool = True
    """False if the directory did not say who owns the instance."""
    is_enabled: bool = True
    """True if `BAILIFF_ACTIONS` offers it, and the account has a role for it where it needs one."""
    done: Done = Done.NO
    brake: Brake = Brake.NONE
    input: ActionInput = field(default_factory=ActionInput)
    is_form: bool = False
    """True if a form is opened: nothing is typed yet."""
    undone: Undone | None = None
    """What is undone or ended; None for any other action."""
    due: DueDeletion | None = None
    """The deletion that is due; None at a click."""


class Refusal(StrEnum):
    """Why an action is not done. The first that applies, in this order, is told."""

    NOT_A_MEMBER = "not-a-member"
    CANNOT_CHECK_YOU = "cannot-check-you"
    DONE_ALREADY = "done-already"
    CANCELLED = "cancelled"
    NOT_ENABLED = "not-enabled"
    UNREAD = "unread"
    GONE = "gone"
    NOT_YOURS = "not-yours"
    OWNER_TOO_NEW = "owner-too-new"
    COMPLIANT = "compliant"
    NOT_ABANDONED = "not-abandoned"
    MANAGED = "managed"
    EXEMPT = "exempt"
    BUSY = "busy"
    WRONG_STATE = "wrong-state"
    NOT_STOPPABLE = "not-stoppable"
    SPOT_REQUEST = "spot-request"
    PROTECTED = "protected"
    NO_IMAGE = "no-image"
    TOO_LATE = "too-late"
    BRAKE = "brake"
    INPUT = "input"


class ActionWarning(StrEnum):
    """What the modal says before an action is confirmed."""

    DISK_LOST = "disk-lost"
    ADDRESS_LOST = "address-lost"
    ADDRESS_KEPT = "address-kept"
    VOLUMES_DELETED = "volumes-deleted"
    VOLUMES_KEPT = "volumes-kept"
    SCHEDULED = "scheduled"
    STACK = "stack"
    IN_USE = "in-use"


class Verdict(StrEnum):
    """What is decided, if it is no refusal."""

    DO = "do"
    WAIT = "wait"
    """The image is not ready."""
