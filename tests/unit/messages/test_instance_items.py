"""An instance that breaks a rule has two blocks: what is wrong, and what can be done."""

from collections.abc import Set as AbstractSet

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.report import Report, most_urgent_first
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages import owner_messages
from bailiff_bot.messages.action_results import DoneAction
from bailiff_bot.messages.buttons import KEEP, WHY
from bailiff_bot.messages.document import Item, text_of
from bailiff_bot.messages.instance_items import Actions, instance_items
from bailiff_bot.slack.blocks.render import render
from tests.builders import ASG, NOW, instance, report
from tests.message_checks import SCAN_AGE

KEEP_ALONE = frozenset({Action.KEEP})
HOME = "slack://app?team=T1&id=A1&tab=home"


def items(found: Report, *, kept: bool = True, offered: AbstractSet[Action] = KEEP_ALONE) -> list[Item]:
    keys = {subject_of(row): f"key of {row.instance.id}" for row in found.flagged} if kept else {}
    return list(instance_items(most_urgent_first(found.flagged), found, Actions(keys, offered)))


def text(item: Item) -> str:
    return "".join(map(text_of, item.line))


def test_an_instance_says_what_is_wrong_and_what_to_do() -> None:
    [item] = items(report(instance(1, "agr-a", age=40)))
    assert text(item) == (
        f"agr-a ({instance(1).id}): running for 40 days · t3.micro in eu-west-1\nStop it if nobody uses it."
    )
    assert [(button.text, button.value) for button in item.buttons.buttons] == [
        ("Stop", "link"),
        ("Keep", f"key of {instance(1).id}"),
    ]
    assert [(button.text, button.value) for button in item.buttons.menu] == [("Why?", f"key of {instance(1).id}")]


@pytest.mark.parametrize(
    ("name", "stopped", "remedy"),
    [(None, None, "Name it"), ("web", None, "Rename"), ("zzz-a", None, "Rename"), ("agr-a", 40, "Delete")],
)
def test_the_remedy_opens_the_instance_in_the_console(name: str | None, stopped: float | None, remedy: str) -> None:
    [item] = items(report(instance(1, name, age=20 if stopped is None else 90, stopped=stopped)))
    [link, _] = item.buttons.buttons
    assert link.text == remedy
    assert link.url.endswith(f"#InstanceDetails:instanceId={instance(1).id}")


@pytest.mark.parametrize(
    ("outcome", "buttons"),
    [(None, ["Delete", "Keep"]), (Outcome.PENDING, ["Keep"]), (Outcome.CANCELLED, ["Delete", "Keep"])],
)
def test_what_was_begun_is_not_offered_again_until_it_is_over(outcome: Outcome | None, buttons: list[str]) -> None:
    found = report(instance(1, "agr-a", age=90, stopped=40))
    [row] = found.flagged
    subject, account = subject_of(row), row.instance.target.account
    offer = Offer("key", subject, "agr-a", "U1", "a message", NOW)
    result = ActionResult(offer, Action.DELETE, "U1", "Ada", NOW, "made", outcome=outcome or Outcome.DONE)
    done = (DoneAction(result),) if outcome else ()
    accounts = {Action.DELETE: frozenset({account})}
    actions = Actions({subject: "key"}, {Action.KEEP, Action.DELETE}, accounts=accounts, done=done)
    [item] = instance_items(found.flagged, found, actions)
    assert [button.text for button in item.buttons.buttons] == buttons
    assert ("Asked for already: see above." in text(item)) is (outcome is Outcome.PENDING)


def test_a_controller_is_scaled_down_and_no_machine_of_it_is_stopped() -> None:
    [item] = items(report(instance(1, "agr-a", age=40, tags={ASG: "agr-web"})))
    assert "Scale it to zero" in text(item)
    assert [button.key for button in item.buttons.all] == [KEEP, WHY]


def test_without_an_offer_bailiff_does_nothing() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, "agr-b", age=40, tags={ASG: "agr-web"}))
    assert [button.text for item in items(found, kept=False) for button in item.buttons.all] == ["Stop"]


def test_what_the_team_does_not_allow_has_no_button() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, "agr-b", age=40, tags={ASG: "agr-web"}))
    both = items(found, offered={Action.KEEP, Action.NOT_MINE})
    assert [[button.text for button in item.buttons.all] for item in both] == [
        ["Stop", "Keep", "Not mine", "Why?"],
        ["Keep", "Not mine", "Why?"],
    ]
    only = items(found, offered={Action.NOT_MINE})
    assert [button.text for item in only for button in item.buttons.all] == ["Stop", *["Not mine", "Why?"] * 2]


def mine(count: int) -> list[dict[str, object]]:
    found = report(*(instance(number, f"agr-{number}", age=40 + number) for number in range(1, count + 1)))
    keys = {subject_of(row): f"{number:022}" for number, row in enumerate(found.flagged)}
    own = ReportPart(found, owner_keys=("AGR",))
    blocks: list[dict[str, object]] = render(
        owner_messages.mine(own, SCAN_AGE, actions=Actions(keys, KEEP_ALONE, HOME))
    )["blocks"]
    return blocks


def test_the_oldest_come_first_and_the_rest_is_behind_show_all() -> None:
    blocks = mine(60)
    assert len(blocks) <= 50
    shown = [block for block in blocks if block["type"] == "rich_text"]
    assert 15 <= len(shown) < 25
    assert "agr-60" in str(shown[0])
    assert f"{60 - len(shown)} more" in str(blocks)
    assert HOME in str(blocks[-1])


def test_show_all_is_not_shown_where_all_is_shown() -> None:
    assert HOME not in str(mine(3))


def test_one_button_of_a_message_is_primary_and_only_deleting_warns() -> None:
    old = instance(3, "agr-c", age=90, stopped=40)
    found = report(instance(1, "agr-a", age=60), instance(2, "agr-b", age=50), old)
    keys = {subject_of(row): str(number) for number, row in enumerate(found.flagged)}
    offered = {Action.STOP, Action.DELETE, Action.RENAME}
    accounts = dict.fromkeys(offered, frozenset({found.flagged[0].instance.target.account}))
    items = instance_items(most_urgent_first(found.flagged), found, Actions(keys, offered, accounts=accounts))
    buttons = [button for item in items for button in item.buttons.all]
    assert [button.text for button in buttons if button.primary] == ["Stop"]
    assert {button.text for button in buttons if button.danger} == {"Delete"}
