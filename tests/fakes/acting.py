"""Stand-ins for what changes instances in AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.aws_step import Actor, RoleKind, StepOutcome, StepResult
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import InstanceState, Target
from bailiff_bot.domain.instance_details import InstanceDetails, MachineImage, Volume
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.acting_facts import ActingFacts
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.owner_recording import OwnerAges
from bailiff_bot.usecases.restarting import Restarting
from tests.fakes.brakes import FakeBrakeStore

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
RUNNING = InstanceDetails(
    InstanceState.RUNNING,
    "agr-web",
    LONG_AGO,
    volumes=(Volume("vol-1", "/dev/xvda", 8, is_deleted_with_instance=True),),
)


@dataclass(slots=True)
class FakeEc2:
    """Records each call, and answers what a test says."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    found: InstanceDetails | Gap | None = RUNNING
    answer: StepResult = field(default_factory=lambda: StepResult(StepOutcome.DONE, request_id="req-1"))
    images: dict[str, MachineImage | Gap] = field(default_factory=dict)
    """By name and by id."""
    has_roles: bool = True

    def has_role(self, account: str, kind: RoleKind) -> bool:
        del account, kind
        return self.has_roles

    def details(self, actor: Actor, target: Target, instance_id: str, kind: RoleKind) -> InstanceDetails | Gap | None:
        del target
        self.calls.append(("details", actor.user_id, instance_id, kind))
        return self.found

    def stop(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        return self._call("stop", actor, target, instance_id)

    def start(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        return self._call("start", actor, target, instance_id)

    def tag(self, actor: Actor, target: Target, instance_id: str, key: str, value: str) -> StepResult:
        return self._call("tag", actor, target, instance_id, key, value)

    def make_image(
        self, actor: Actor, target: Target, instance_id: str, name: str, tags: Mapping[str, str]
    ) -> StepResult:
        del tags
        return self._call("image", actor, target, instance_id, name)

    def image(self, actor: Actor, target: Target, *, name: str = "", image_id: str = "") -> MachineImage | Gap | None:
        del actor, target
        return self.images.get(image_id or name)

    def terminate(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        return self._call("terminate", actor, target, instance_id)

    @property
    def changes(self) -> list[str]:
        """What was changed, in order."""
        return [call[0] for call in self.calls if call[0] != "details"]

    def _call(self, name: str, actor: Actor, target: Target, *arguments: str) -> StepResult:
        del target
        self.calls.append((name, actor.user_id, *arguments))
        return self.answer


@dataclass(slots=True)
class FakeSightings:
    """Every owner is one since the same time."""

    at: datetime = LONG_AGO

    def since(self, subject: Subject) -> Mapping[str, datetime]:
        del subject
        addresses = ("agr@octo.example", "mlg@octo.example", "pade@octo.example")
        return dict.fromkeys(addresses, self.at)


def fake_facts(
    ec2: FakeEc2 | None = None, sightings: FakeSightings | None = None, why: str = "", now: datetime = LONG_AGO
) -> ActingFacts:
    """Return facts of which each part can be given. `why` says what is not plausible."""
    brakes = BrakeReader(FakeBrakeStore(), BrakeLimits(), lambda: why, lambda: now)
    return ActingFacts(ec2 or FakeEc2(), OwnerAges(sightings or FakeSightings()), brakes)


class NoStops:
    """No instance was stopped, and nothing is begun."""

    def made(self, made_id: str, action: Action) -> ActionResult | None:
        del made_id, action
        return None

    def ended(self, made_id: str) -> ActionResult | None:
        raise AssertionError(made_id)

    def begin(self, result: ActionResult, brakes: Brakes | None, record: AuditRecord) -> Refusal | None:
        raise AssertionError(result, brakes, record)

    def note_request(self, result: ActionResult, request_id: str) -> None:
        raise AssertionError(result, request_id)

    def settle(self, result: ActionResult, record: AuditRecord, ends: tuple[str, ...] = ()) -> bool:
        raise AssertionError(result, record, ends)


def no_restarting(decisions: Decisions) -> Restarting:
    """Return a use case that finds no stop to undo."""
    return Restarting(decisions, Acting(decisions, NoStops(), decisions.clock, lambda _: None), FakeEc2(), NoStops())
