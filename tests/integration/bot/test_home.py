"""The Home tab over the socket: its pages, what administrators see, and that it is fresh after an action."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from bailiff_bot.messages.instance_line import instance_title
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, serving
from tests.integration.bot.golden import disclaim
from tests.integration.bot.person import DM, Person
from tests.integration.bot.test_keep import flagged
from tests.program import Program, open_program

COUNT = 45
BILLIE = "U0BIL00007"


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(200 - number), expected_table="stopped-when-unused")
        for number, name in enumerate([f"agr-{number:02}" for number in range(1, COUNT + 1)])
    )


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot, with the digests of two days."""
    address = f"sqlite:///{tmp_path_factory.mktemp('home')}/bailiff.sqlite"
    environment = sandbox.environment(
        BAILIFF_DATABASE_URL=address, BAILIFF_ADMINS=BILLIE, BAILIFF_TRIAGE_CHANNEL="cloud-costs", **ONE_REGION
    )
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        with open_program(Settings(), clock=lambda: datetime.now(UTC) - days(1)) as yesterday:
            yesterday.slack.digests.send_now().result()
        program.slack.digests.send_now().result()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


class Visitor(Person):
    """A user who looks at the Home tab."""

    def opened(self) -> RenderedView:
        published = len(self.users.calls("views.publish"))
        assert self.driver.open_home().acknowledged
        self.users.driver.wait_for(lambda: len(self.users.calls("views.publish")) > published, ANSWER_TIMEOUT)
        return self.home(lambda text: "/bailiff help" in text)

    def home(self, shows: Callable[[str], bool]) -> RenderedView:
        """Return the Home tab, once it shows something."""

        def found() -> RenderedView | None:
            drawn = self.driver.home()
            return drawn if drawn and shows(drawn.visible_text) else None

        drawn = self.users.driver.wait_for(found, ANSWER_TIMEOUT)
        assert drawn
        return drawn

    def turn(self, button: str, page: int, **forged: str) -> RenderedView:
        """Turn the pages."""
        home = self.driver.home()
        assert home
        assert self.driver.click(home, button, forged=forged).acknowledged
        return self.home(lambda text: f"Page {page} of 3" in text)


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Visitor:
    assert program
    return Visitor(users, "ada")


def test_the_pages_can_be_turned_in_both_directions(ada: Visitor) -> None:
    first = ada.opened()
    assert "Page 1 of 3: 1 to 20 of" in first.visible_text
    assert "agr-01 (" in first.visible_text
    assert "agr-21 (" not in first.visible_text
    assert first.visible_text.count("running for") == 20
    assert len(first.blocks) <= 100
    assert "agr-21 (" in ada.turn("Next", 2).visible_text
    assert "Next" not in ada.turn("Next", 3).buttons
    ada.turn("Previous", 2)
    assert "Previous" not in ada.turn("Previous", 1).buttons


@pytest.mark.parametrize(("value", "page"), [("99", 3), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("9" * 1_000, 1)])
def test_a_page_that_does_not_exist_is_one_that_does(ada: Visitor, value: str, page: int) -> None:
    ada.opened()
    ada.turn("Next", page, value=value)


def test_after_an_action_the_tab_is_fresh_and_shows_the_same_page(program: Program, ada: Visitor) -> None:
    ada.opened()
    ada.keep(ada.turn("Next", 2), "agr-30")
    home = ada.home(lambda text: "keeps agr-30" in text)
    assert "Page 2 of 3: 21 to 40 of 44." in home.visible_text
    assert "Your exemptions" in home.visible_text
    assert "agr-30" not in flagged(program)
    assert ada.driver.click(home, "Undo").acknowledged
    assert "Page 2 of 3: 21 to 40 of 45." in ada.home(lambda text: "undid it" in text).visible_text


def test_an_administrator_sees_everything_and_nobody_else(program: Program, ada: Visitor) -> None:
    ada.keep(ada.opened(), "agr-01")
    admin = Visitor(ada.users, "bill").opened()
    assert "All owners: 44 of 45 instances break a rule" in admin.visible_text
    assert "Latest actions" in admin.visible_text
    assert re.search(r"Ada Granger\s*, agr-01 \(i-[0-9a-f]+\): kept", admin.visible_text)
    assert "data_visualization" in {block["type"] for block in admin.blocks}
    assert "All owners" not in ada.opened().visible_text
    assert "Latest actions" not in Visitor(ada.users, "nadia").opened().visible_text
    assert program


def test_an_exemption_is_ended_on_the_tab_which_shows_that_at_once(program: Program, ada: Visitor) -> None:
    ada.opened()
    ada.keep(ada.turn("Next", 2), "agr-31")
    line = f"{title(program, 'agr-31')}: kept until"
    kept = ada.home(lambda text: line in text)
    assert ada.driver.click(kept, "End", near=line).acknowledged
    ended = ada.home(lambda text: "ended the exemption of agr-31" in text)
    assert "Page 2 of 3" in ended.visible_text
    assert "agr-31" in flagged(program)


def test_a_delegation_is_ended_on_the_tab_by_either_of_the_two(program: Program, ada: Visitor) -> None:
    hector = Visitor(ada.users, "hector")
    assert ada.driver.run_command("/bailiff delegate @hector 14d", DM).acknowledged
    now = program.shared.clock
    ada.users.driver.wait_for(lambda: program.shared.store.delegations.live(now()))
    assert "Hector Romano until" in ada.opened().visible_text
    tab = hector.opened()
    assert "You act for:" in tab.visible_text
    assert hector.driver.click(tab, "End", near="Ada Granger").acknowledged
    hector.home(lambda text: "You act for:" not in text)
    assert "You do not act for Ada Granger any more" in "\n".join(messages(hector))
    assert not program.shared.store.delegations.live(now())
    assert "Hector Romano until" not in ada.opened().visible_text


def test_an_administrator_assigns_an_owner_on_the_tab(program: Program, ada: Visitor) -> None:
    disclaim(program, "agr-40", "U0AGR00001", "Ada Granger")
    bill = Visitor(ada.users, "bill")
    tab = bill.opened()
    assert "1 instance needs an owner" in tab.visible_text
    assert "Ada Granger says that it is not theirs" in tab.visible_text
    assert bill.driver.click(tab, "Assign to...", near="agr-40").acknowledged
    form = bill.modal("New owner")
    assert bill.driver.submit_modal(form, {"New owner": "albert"}).acknowledged
    bill.modal("assigned agr-40")
    assigned = bill.home(lambda text: "needs an owner" not in text)
    assert "Billie Ledger assigned agr-40" in assigned.visible_text
    assert "agr-40" not in ada.opened().visible_text


def test_a_person_of_whom_nothing_is_known_sees_the_last_scan(ada: Visitor) -> None:
    tab = Visitor(ada.users, "bill").opened()
    assert "The directory has no identifier for bill@octo.example" in tab.visible_text
    assert "1 of 1 region read" in tab.visible_text


def title(program: Program, name: str) -> str:
    """Return how an instance is named in a sentence."""
    return next(instance_title(row) for row in program.shared.reports.stored().rows if row.instance.name == name)


def messages(person: Visitor) -> list[str]:
    """Return what stands in the conversation with the bot."""
    return [one.visible_text for one in person.driver.visible_messages(DM)]


def test_a_guest_who_turns_a_page_is_refused(ada: Visitor) -> None:
    home = ada.opened()
    ada.users.driver.change_user("ada", guest=True)
    try:
        assert ada.driver.click(home, "Next").acknowledged
        assert ada.home(lambda text: "only full members" in text)
    finally:
        ada.users.driver.change_user("ada", guest=False)
