"""The use case that asks for a deletion: an image is made now, and it is done only after everybody could cancel it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

import structlog

from bailiff_bot.domain.action import Action, ActionInput, ActionWarning, Refusal
from bailiff_bot.domain.action_brakes import Brakes
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.aws_step import Actor, StepOutcome, StepResult
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.deletion import Deletion, DeletionStage, image_name
from bailiff_bot.domain.instance_details import InstanceDetails
from bailiff_bot.domain.offer import Offer
from bailiff_bot.usecases.acting import audit_record, new_action_id
from bailiff_bot.usecases.asked import Asked, NotDone
from bailiff_bot.usecases.decisions import Decisions
from bailiff_bot.usecases.ec2 import Ec2Actions
from bailiff_bot.usecases.forms import Forms

log = structlog.get_logger()


class DeletionStore(Protocol):
    """Stores deletions. Raises StoreError."""

    def open(self) -> tuple[Deletion, ...]:
        """Return the deletions that are not over."""
        ...

    def request(self, deletion: Deletion, brakes: Brakes, record: AuditRecord) -> Refusal | None:
        """Save a request with its slot and its audit record; return why it may not begin, if so."""
        ...

    def move(self, deletion: Deletion, stage: DeletionStage, at: datetime, record: AuditRecord | None = None) -> bool:
        """Bring a deletion from its stage to another, with its image id. Returns False if it is not in that stage."""
        ...

    def note_image(self, deletion: Deletion, record: AuditRecord) -> None:
        """Save the image of a deletion that is over by then."""
        ...

    def settle(self, deletion: Deletion, result: ActionResult, record: AuditRecord) -> bool:
        """Save what came of a deletion. Returns False if it is not in its stage any more."""
        ...


@dataclass(frozen=True, slots=True)
class DeleteForm:
    """What is asked before an instance is deleted."""

    click: Click
    offer: Offer
    instance_id: str
    details: InstanceDetails
    warnings: frozenset[ActionWarning]
    due_at: datetime
    makes_image: bool


@dataclass(frozen=True, slots=True)
class Images:
    """Makes the images of instances that are to be deleted."""

    ec2: Ec2Actions
    store: DeletionStore
    clock: Clock

    def make(self, deletion: Deletion, owners: str) -> Deletion:
        """Ask AWS for the image, and return the deletion as it is then. Raises StoreError.

        The name is the same at each try, so a second one finds the image of the first. If AWS does not say what came
        of it, the deletion stays as it is, and `DueDeletions` asks again.
        """
        tags = {
            "bailiff:instance": deletion.instance_id,
            "bailiff:owner": owners[:256] or deletion.address,
            "bailiff:date": f"{deletion.result.at:%Y-%m-%d}",
        }
        actor = Actor(deletion.result.user_id, deletion.address)
        name, where = deletion.image_name, (deletion.target, deletion.instance_id)
        answer = self.ec2.make_image(actor, *where, name, tags)
        log.info("image.asked_for", instance=deletion.instance_id, outcome=str(answer.outcome), code=answer.code)
        if answer.outcome is StepOutcome.UNKNOWN:
            return deletion
        return self._made(deletion, answer) if answer.outcome is StepOutcome.DONE else self._failed(deletion, answer)

    def _made(self, deletion: Deletion, answer: StepResult) -> Deletion:
        if answer.is_dry_run:
            return self.end_dry_run(deletion)
        at, made = self.clock(), replace(deletion, image_id=answer.image_id)
        record = audit_record(deletion.result, AuditResult.DONE, at, answer.request_id)
        record = replace(record, action="image", after={"image": answer.image_id})
        if self.store.move(made, DeletionStage.WAITING, at, record):
            return replace(made, stage=DeletionStage.WAITING, changed_at=at)
        self.store.note_image(made, record)  # cancelled meanwhile
        return deletion

    def end_dry_run(self, deletion: Deletion) -> Deletion:
        """Save that a deletion was only tried out: it is never carried out, whatever the settings are then."""
        at = self.clock()
        result = replace(deletion.result, outcome=Outcome.DRY_RUN, settled_at=at)
        self.store.settle(deletion, result, audit_record(result, AuditResult.DONE, at))
        return replace(deletion, stage=DeletionStage.OVER, result=result)

    def _failed(self, deletion: Deletion, answer: StepResult) -> Deletion:
        detail = f"no image of it could be made: {answer.reason}"
        result = replace(deletion.result, outcome=Outcome.FAILED, settled_at=self.clock(), detail=detail)
        record = audit_record(result, AuditResult.FAILED, self.clock(), answer.request_id)
        self.store.settle(deletion, result, replace(record, reason=detail))
        return replace(deletion, stage=DeletionStage.OVER, result=result)


@dataclass(frozen=True, slots=True)
class Deleting:
    """Takes requests to delete instances."""

    decisions: Decisions
    forms: Forms
    store: DeletionStore
    images: Images
    makes_images: bool
    is_dry_run: bool
    wait: timedelta
    """In this time everybody can cancel."""

    def form(self, asker: Asker, click: Click) -> DeleteForm | NotDone:
        """Return what to ask somebody who clicked *Delete*, unless it is refused. Raises StoreError."""
        offer = self.decisions.offers.get(click.offer)
        if offer is None:
            return self.decisions.unknown(asker, Action.DELETE)
        asked = self.decisions.ask(asker, offer, Action.DELETE)
        if refused := self.decisions.refused(asked) or self._asked_before(asked):
            return refused
        self.forms.save(click)
        return DeleteForm(
            click,
            offer,
            asked.row.instance.id,
            asked.known_details,
            self.decisions.decide(asked).warnings,
            asked.request.at + self.wait,
            self.makes_images,
        )

    def is_confirmation(self, click_id: str, user_id: str, typed: str) -> bool:
        """Return True unless what was typed is certainly neither the name nor the id of the instance.

        The instance is the one of the latest snapshot, so that this is quick. What is unknown is decided later.
        """
        click = self.forms.clicked(click_id, user_id)
        offer = self.decisions.offers.get(click.offer) if click else None
        latest = self.decisions.current.snapshots.latest
        if offer is None or latest is None:
            return True
        names = {one.name or "" for one in latest.inventory.instances if one.id == offer.subject.id}
        return not names or typed.strip() in ({offer.subject.id} | {name.strip() for name in names if name.strip()})

    def request(self, asker: Asker, offer_key: str, confirmation: str) -> ActionResult | NotDone:
        """Save the request, and ask for the image, unless it is refused. Raises StoreError."""
        offer = self.decisions.offers.get(offer_key)
        if offer is None:
            return self.decisions.unknown(asker, Action.DELETE)
        asked = self.decisions.ask(asker, offer, Action.DELETE, ActionInput(confirmation=confirmation.strip()))
        return self.decisions.refused(asked) or self._asked_before(asked) or self._carry_out(asked)

    def _asked_before(self, asked: Asked) -> NotDone | None:
        """Return that a deletion of the same instance waits already, whoever asked for it; None if none does."""
        waiting = (one.result for one in self.store.open() if one.result.offer.subject == asked.offer.subject)
        earlier = next(waiting, None)
        if earlier is None:
            return None
        reason = str(Refusal.DONE_ALREADY)
        self.decisions.audit.append(replace(asked.record(AuditResult.REFUSED), reason=reason))
        return NotDone(Action.DELETE, Refusal.DONE_ALREADY, asked.offer, earlier=earlier)

    def _carry_out(self, asked: Asked) -> ActionResult | NotDone:
        if self.decisions.results.get(asked.offer.key, Action.DELETE):
            # It failed. The first try is remembered as long as its image exists, so this one has a key of its own.
            asked = replace(asked, offer=replace(asked.offer, key=token_urlsafe(16)))
        deletion = self._deletion(asked)
        due = deletion.due_at.isoformat()
        record = asked.record(AuditResult.BEGUN, before={"state": "stopped"}, after={"action": deletion.id, "due": due})
        if refusal := self.store.request(deletion, self.decisions.facts.brakes.read(), record):
            is_earlier = refusal is Refusal.DONE_ALREADY
            earlier = self.decisions.results.get(asked.offer.key, Action.DELETE) if is_earlier else None
            facts = self.decisions.refusal_facts(asked)
            return NotDone(Action.DELETE, refusal, asked.offer, earlier=earlier, facts=facts)
        if deletion.stage is DeletionStage.WAITING:
            return self.images.end_dry_run(deletion).result if self.is_dry_run else deletion.result
        return self.images.make(deletion, " ".join(asked.owners)).result

    def _deletion(self, asked: Asked) -> Deletion:
        deletion_id, at = new_action_id(), asked.request.at
        result = asked.result(deletion_id, until=at + self.wait, outcome=Outcome.PENDING)
        name = image_name(asked.offer.subject.id, deletion_id) if self.makes_images else ""
        stage = DeletionStage.IMAGING if self.makes_images else DeletionStage.WAITING
        return Deletion(deletion_id, result, stage, at, asked.asker.address, name)
