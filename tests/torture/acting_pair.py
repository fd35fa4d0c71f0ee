"""Two owners of one instance, of whom the first acts in AWS."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from queue import SimpleQueue

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.deletion import DeletionStage
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.slack import InteractionError, InteractionResult, RenderedView
from bailiff_bot.usecases.deletion_posts import DELETION_POST
from tests.torture import fixtures
from tests.torture.aws_actions import AwsAction
from tests.torture.clicked_actions import EPOCH
from tests.torture.owner_pair import PAIRS
from tests.torture.person import Person
from tests.torture.processes import wait_until
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario

MAX_PAIRS = 8
"""Pairs of a scenario: a deletion takes an hour of its day."""
_BEING_DONE = frozenset({DeletionStage.IMAGING, DeletionStage.TERMINATING})
_free_regions: SimpleQueue[str] = SimpleQueue()
for _region in ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"):
    _free_regions.put(_region)
_numbers = count()


@contextmanager
def own_instances(harness: Harness, actions: Sequence[AwsAction]) -> Iterator[tuple[InstanceFixture, ...]]:
    """Yield a new instance for each pair, in a region that no other scenario of this process uses at that time."""
    region, number = _free_regions.get(), next(_numbers)
    made = tuple(
        _instance(owner, action, region, f"{number} {owner}")
        for (owner, other), action in zip(PAIRS, actions, strict=False)
    )
    for one in made:
        harness.aws.add(one)
    try:
        yield made
    finally:
        for one in made:
            harness.aws.delete(one.id)
        _free_regions.put(region)


def _instance(owner: str, action: AwsAction, region: str, key: str) -> InstanceFixture:
    other = dict(PAIRS)[owner]
    stopped = timedelta(days=60)
    return InstanceFixture(
        key=key,
        name=f"x_{owner}worker",
        region=region,
        since_start=timedelta(days=90),
        state="stopped" if action.is_stopped else "running",
        reason=STOPPED_BY_USER if action.is_stopped else "",
        since_stop=stopped,
        tags=(("Owner", f"{owner}@octo.example; {other}@octo.example"),),
        expected_table="owned",
    )


@dataclass(frozen=True, slots=True)
class ActingPair:
    """Two owners, who get a message each."""

    owner: Person
    other: Person
    instance: InstanceFixture

    @classmethod
    def number(cls, scenario: Scenario, number: int, instance: InstanceFixture) -> "ActingPair":
        """Return a pair of a scenario."""
        owner, other = PAIRS[number]
        return cls(Person(scenario, owner), Person(scenario, other), instance)

    @property
    def near(self) -> str:
        """The part of the instance's name that no other name has."""
        return f"{self.owner.name}worker"

    def said(self, action: AwsAction) -> bool:
        """Return whether the message of who clicked says that it is done, and the triage channel is told."""
        text = action.says.format(self.instance.name)
        return text in self.owner.nudge().visible_text and self.posts() >= action.posted

    def posts(self) -> int:
        """Return how many messages in the triage channel are about the deletion of the instance."""
        posts = self.owner.driver.visible_messages(fixtures.CHANNEL.name)
        return sum(f"/{DELETION_POST}" in str(one.metadata) and self.near in one.visible_text for one in posts)

    def click(self, action: AwsAction) -> InteractionResult:
        """Close what is open, and click. Raises InteractionError if the button is gone."""
        self.owner.dismiss()
        return self.owner.driver.click(self.owner.nudge(), action.button, near=self.near)

    def submit(self, action: AwsAction, form: RenderedView) -> InteractionResult:
        """Fill in the form, and send it."""
        typed = {name: text.format(self.owner.name) for name, text in action.typed or ()}
        return self.owner.driver.submit_modal(form, typed)

    def do(self, action: AwsAction) -> None:
        """Click, fill in the form, and wait for the answer to it. Does nothing if the button is gone."""
        try:
            self.click(action)
        except InteractionError:
            return
        if action.typed is None:
            return
        if (form := self.owner.wait_for_answer()).content.get("submit"):
            self.submit(action, form)
            self.owner.wait_for_answer()

    def is_settled(self) -> bool:
        """Return whether nothing is being done to the instance. A deletion that waits is not being done."""
        store = self.owner.scenario.store
        being_done = [one for one in self.results() if one.outcome is Outcome.PENDING and one.action != Action.DELETE]
        deletions = (one for one in store.deletions.open() if one.instance_id == self.instance.id)
        return not being_done and not any(one.stage in _BEING_DONE for one in deletions)

    def wait_until_settled(self) -> None:
        """Wait until nothing is being done to it, and messages say all that was done. Raises TimedOut."""
        scenario = self.owner.scenario
        what = f"an end of what is being done to {self.instance.name}"
        wait_until(lambda: scenario.running_bot() and self.is_settled() and scenario.all_said(), WAIT_LIMIT, what)

    def results(self) -> list[ActionResult]:
        """Return what was done to the instance, in the order of time."""
        results = self.owner.scenario.store.action_results.since(EPOCH)
        return [one for one in results if one.offer.subject.id == self.instance.id]
