"""Which images of deleted instances are listed, and which are forgotten."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from bailiff_bot.domain.action import Action, ImageState
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.instance_details import MachineImage
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.old_images import OldImages
from tests.builders import NOW, days_ago
from tests.fakes.acting import FakeEc2

TARGET = Target("111122223333", "eu-west-1")
UNREAD = Gap(GapSource.TARGET, TARGET, "timed out")


def deletion(name: str, image_id: str = "", age: int = 30) -> Deletion:
    """Return a deletion that is over."""
    at = days_ago(age)
    offer = Offer(f"key {name}", Subject(TARGET, f"i-{name}"), "agr-box", "U1", "a message", at)
    result = ActionResult(offer, Action.DELETE, "U1", "Ada", at, name, outcome=Outcome.CANCELLED)
    return Deletion(name, result, DeletionStage.OVER, at, "agr@octo.example", f"bailiff-i-{name}", image_id)


def image(image_id: str) -> MachineImage:
    return MachineImage(image_id, "a name", ImageState.AVAILABLE, size=8)


@dataclass
class FakeDeletions:
    """Deletions that are over."""

    over: tuple[Deletion, ...]
    forgotten: list[str] = field(default_factory=list)

    def with_images(self) -> tuple[Deletion, ...]:
        return self.over

    def forget_images(self, ids: Iterable[str]) -> None:
        self.forgotten.extend(ids)


def find(*over: Deletion, **images: MachineImage | Gap) -> tuple[list[tuple[str, int]], list[str]]:
    """Return the images that are listed, with their sizes, and the deletions that are forgotten."""
    store, ec2 = FakeDeletions(over), FakeEc2(images={name.replace("_", "-"): one for name, one in images.items()})
    with ThreadPoolExecutor(1) as executor:
        found = OldImages(store, ec2, executor, timedelta(days=14), lambda: NOW).find()
    return [(one.deletion.image_id, one.size) for one in found], store.forgotten


def test_an_image_of_which_nobody_saved_the_id_is_found_by_its_name() -> None:
    assert find(deletion("a"), bailiff_i_a=image("ami-1")) == ([("ami-1", 8)], [])


def test_an_image_that_is_gone_or_was_never_made_is_forgotten() -> None:
    assert find(deletion("a", "ami-1"), deletion("b")) == ([], ["a", "b"])


def test_what_aws_does_not_show_is_never_forgotten() -> None:
    found = find(deletion("a", "ami-1"), deletion("b"), ami_1=UNREAD, bailiff_i_b=UNREAD)
    assert found == ([("ami-1", 0)], [])


def test_a_young_image_is_neither_listed_nor_looked_for() -> None:
    assert find(deletion("a", "ami-1", age=13)) == ([], [])
