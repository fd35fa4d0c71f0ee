"""Finds out what came of actions in AWS that were begun: by this process, or by one that was killed."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_progress import progress
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.acting import Acting
from bailiff_bot.usecases.instance_updates import InstanceUpdates

_ACTIONS = (Action.STOP, Action.RENAME, Action.UNDO, Action.TAG)


class PendingStore(Protocol):
    """Finds actions that were begun. Raises StoreError."""

    def pending(self, actions: Iterable[Action]) -> tuple[ActionResult, ...]:
        """Return those of which nobody saved what came of them, in the order of time."""
        ...


class ExemptionsOfSubject(Protocol):
    """Finds exemptions. Raises StoreError."""

    def of(self, subject: Subject) -> tuple[Grant, ...]:
        """Return every stored exemption of a subject."""
        ...


@dataclass(frozen=True, slots=True)
class Recovery:
    """Settles actions that were begun."""

    acting: Acting
    store: PendingStore
    exemptions: ExemptionsOfSubject
    updates: InstanceUpdates
    clock: Clock
    executor: Executor
    """AWS is asked about several instances at the same time: one that does not answer delays no other."""
    refresh: Callable[[Sequence[ActionResult]], None]
    """Renders again the messages that list what results were done to."""

    def run_due(self) -> None:
        """Look at the instance of each action that was begun, and save what came of it. Raises StoreError."""
        for _ in self.executor.map(self.settle, self.store.pending(_ACTIONS)):
            pass  # the first error is raised, after all were begun

    def settle(self, result: ActionResult) -> None:
        """Save what came of an action, if the instance says it now. Raises StoreError."""
        found = self.updates.read(result.offer.subject)
        settled = progress(result, found, self.clock())
        if settled:
            self.acting.settle(settled, result.detail, ends=self._ended_by(settled))
            self.refresh([settled])

    def _ended_by(self, result: ActionResult) -> tuple[str, ...]:
        """Return the exemptions that end with a stop: those of the person who stopped it."""
        if result.action is not Action.STOP or result.outcome is not Outcome.DONE:
            return ()
        granted = self.exemptions.of(result.offer.subject)
        now = self.clock()
        return tuple(one.id for one in granted if one.granted_by == result.user_id and now < one.until)
