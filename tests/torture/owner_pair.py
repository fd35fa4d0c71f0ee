"""Two owners of the same two instances, and an administrator: who clicks the actions, and who is told of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.slack import RenderedMessage
from tests.torture import fixtures
from tests.torture.clicked_actions import ClickedAction
from tests.torture.person import Person
from tests.torture.processes import wait_until
from tests.torture.scenario import WAIT_LIMIT, Scenario

PAIRS = tuple(zip(fixtures.OWNERS[::2], fixtures.OWNERS[1::2], strict=True))
ADMIN = fixtures.COMMAND_USERS[0]


def names_of(owner: str) -> tuple[str, str]:
    """Return the names of the two instances of a pair, by its first owner: the one that is clicked comes first."""
    return f"{owner}worker-a", f"{owner}worker-b"


def fleet() -> tuple[InstanceFixture, ...]:
    """Return two instances for each pair. The first of them has waited longer, so that it comes first."""
    return tuple(
        InstanceFixture(
            key=name,
            name=f"x_{name}",
            since_start=timedelta(days=age),
            tags=(("Owner", f"{first}@octo.example; {second}@octo.example"),),
            expected_table="owned",
        )
        for first, second in PAIRS
        for name, age in zip(names_of(first), (90, 60), strict=True)
    )


@dataclass(frozen=True, slots=True)
class OwnerPair:
    """Two owners, who get a message each."""

    owner: Person
    other: Person
    admin: Person

    @classmethod
    def number(cls, scenario: Scenario, number: int) -> "OwnerPair":
        owner, other = PAIRS[number]
        return cls(Person(scenario, owner), Person(scenario, other), Person(scenario, ADMIN.name))

    def names(self, action: ClickedAction) -> tuple[str, ...]:
        """Return the names of the instances that an action concerns."""
        return names_of(self.owner.name)[: action.instances]

    def id_of(self, name: str) -> str:
        """Return the id of an instance."""
        return next(one.id for one in fleet() if one.key == name)

    def clicks(self, action: ClickedAction) -> Person:
        """Return who clicks."""
        return {"triage": self.admin, "notice": self.other}.get(action.where, self.owner)

    def surface(self, action: ClickedAction) -> RenderedMessage | None:
        """Return the message with the button; None if there is none yet, or none any more."""
        name = self.names(action)[0]
        return next((one for one in self._surfaces(action) if name in one.visible_text), None)

    def _surfaces(self, action: ClickedAction) -> list[RenderedMessage]:
        person = self.clicks(action)
        match action.where:
            case "message":
                return person.nudges()
            case "notice":
                return person.notices()
            case "exemptions":
                return [_answer(person)]
            case "triage":
                return person.driver.visible_messages(fixtures.CHANNEL.name)[1:]

    def missing(self, action: ClickedAction) -> list[str]:
        """Return the instances of which the message does not say yet that it is done."""
        if action.where == "triage":
            shown = self.surface(action)
            return [name for name in self.names(action) if not shown or action.says not in _item(shown, name)]
        text = self.owner.nudge().visible_text
        return [name for name in self.names(action) if action.says.format(f"x_{name}") not in text]

    def wait_until_said(self, action: ClickedAction) -> None:
        """Wait until the message says that it is done. Raises TimedOut."""
        wait_until(lambda: not self.missing(action), WAIT_LIMIT, f"{action} in the message of {self.owner.name}")

    def notices_about(self, name: str) -> Iterator[tuple[str, int]]:
        """Yield who is told, `owner` or `other`, and in how many messages that name an instance."""
        for who, person in (("owner", self.owner), ("other", self.other)):
            yield who, sum(name in one.visible_text for one in person.notices())


def _answer(person: Person) -> RenderedMessage:
    """Return the answer to `/bailiff exemptions`."""
    before = len(person.answers())
    person.driver.run_command("/bailiff exemptions")
    return wait_until(lambda: person.answers()[before:], WAIT_LIMIT, f"exemptions for {person.name}")[-1]


def _item(triage: RenderedMessage, name: str) -> str:
    """Return what the message of triage says of one instance: what follows its name, up to the next one."""
    return triage.visible_text.rpartition(name)[2].partition("worker-")[0]
