"""The forms of *Stop*, *Rename* and *Delete*: what they say before it is confirmed."""

from datetime import UTC, datetime

import pytest

from bailiff_bot.domain.action import Action, ActionWarning
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.instance_details import InstanceDetails, Volume
from bailiff_bot.messages.delete_modal import delete_form
from bailiff_bot.messages.modal import LineField, Modal
from bailiff_bot.messages.rename_modal import rename_form
from bailiff_bot.messages.stop_modal import stop_form
from bailiff_bot.messages.wording import may_do
from bailiff_bot.render.text import as_text

TITLE, ID = "agr-web (i-1)", "i-1"
DUE = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROOT, DATA = Volume("vol-1", "/dev/xvda", 8, True), Volume("vol-2", "/dev/sdf", 1_200, False)  # noqa: FBT003 - its fate


def details(name: str = "agr-web", *, has_hibernation: bool = False) -> InstanceDetails:
    return InstanceDetails(
        InstanceState.STOPPED,
        name,
        DUE,
        public_addresses=("203.0.113.1",),
        elastic_addresses=("203.0.113.2",),
        volumes=(ROOT, DATA),
        has_hibernation=has_hibernation,
    )


def deletion(found: InstanceDetails, *, makes_image: bool = True) -> Modal:
    return delete_form("c", TITLE, ID, found, frozenset(), DUE, UTC, triage="#cloud-triage", makes_image=makes_image)


def text(modal: Modal) -> str:
    return as_text(modal.document, 200)


def label(modal: Modal) -> str:
    [field] = modal.fields
    assert isinstance(field, LineField)
    return field.label


def test_a_deletion_says_what_becomes_of_each_volume_and_address() -> None:
    said = text(deletion(details()))
    for line in (
        "agr-web (i-1) is deleted on 24 Nov, 09:00 UTC, unless an owner or an administrator cancels that.",
        "Volume vol-1 (/dev/xvda, 8 GiB): is deleted",
        "Volume vol-2 (/dev/sdf, 1,200 GiB): stays, and goes on costing",
        "Elastic IP 203.0.113.2: stays, and goes on costing",
        "Public address 203.0.113.1: is lost",
        "The image does not hold the security groups, the role, the user data",
    ):
        assert line in said


def test_a_deletion_without_an_image_says_that_nothing_can_be_brought_back() -> None:
    assert "No image is made" in text(deletion(details(), makes_image=False))


def test_an_instance_with_hibernation_says_that_its_image_may_not_start() -> None:
    assert "its image may not start" in text(deletion(details(has_hibernation=True)))
    assert "may not start" not in text(deletion(details()))


@pytest.mark.parametrize(("name", "asked"), [("agr-web", "Type agr-web or i-1"), (" ", "Type i-1"), ("", "Type i-1")])
def test_a_deletion_asks_to_type_the_name_or_the_id(name: str, asked: str) -> None:
    assert label(deletion(details(name))) == asked


def test_a_stop_without_a_warning_lists_none() -> None:
    assert "Before you do it" not in text(stop_form("c", TITLE, ()))


def test_a_stop_lists_every_warning_the_gravest_first() -> None:
    said = text(stop_form("c", TITLE, tuple(reversed(ActionWarning))))
    places = [said.index(word) for word in ("it is used", "local disk", "public address", "schedule", "CloudFormation")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("identifiers", "hint"),
    [
        (("HRO",), "It must start with your identifier (HRO), as in hro-web."),
        (("HRO", "AGR"), "It must start with your identifier (HRO or AGR), as in hro-web."),
        ((), "It must start with the identifier of its owner, as in agr-web."),
    ],
)
def test_a_new_name_is_shown_by_an_example_that_is_right(identifiers: tuple[str, ...], hint: str) -> None:
    assert hint in text(rename_form("c", TITLE, "", identifiers))


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        ((), "changes nothing in AWS"),
        ((Action.KEEP, Action.NOT_MINE), "changes nothing in AWS, and remembers what you answer"),
        ((Action.STOP,), "stops an instance only if an owner, a delegate or an administrator asks for it, and"),
        ((Action.STOP, Action.RENAME), "renames or stops an instance only if"),
        ((Action.DELETE, Action.STOP, Action.RENAME), "renames, stops or deletes an instance only if"),
    ],
)
def test_bailiff_says_what_it_may_do_by_what_is_offered(offered: tuple[Action, ...], said: str) -> None:
    assert may_do(frozenset(offered)).startswith(said)
