"""What came of a click is stored with the exemption and the audit record, once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.click import Click
from bailiff_bot.domain.offer import Offer
from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, DAY, HOSTILE, MINUTE, NOW, SECOND, disclaimer, grant, key

OFFER = Offer("opaque", key().subject, HOSTILE, ADA, "a message", NOW)
GRANT = grant()
KEPT = ActionResult(OFFER, Action.KEEP, ADA, HOSTILE, NOW, GRANT.id, GRANT.until, HOSTILE)
UNDO_OFFER = replace(OFFER, key="undo", made_id=GRANT.id)
UNDONE = ActionResult(UNDO_OFFER, Action.UNDO, ADA, HOSTILE, NOW + MINUTE, GRANT.id)


def record(result: ActionResult) -> AuditRecord:
    person = Person(result.user_id, result.name)
    return AuditRecord(result.at, person, str(result.action), AuditResult.DONE, result.offer.subject)


def keep(store: Store, result: ActionResult = KEPT) -> ActionResult:
    return store.action_results.keep(result, replace(GRANT, id=result.made_id), record(result))


def logged(store: Store) -> list[AuditResult]:
    return [entry.record.result for entry in store.audit.since(NOW)]


@pytest.fixture
def offered(store: Store) -> Store:
    store.offers.save([OFFER, UNDO_OFFER])
    return store


def test_an_exemption_is_saved_with_its_result_and_its_record(offered: Store) -> None:
    assert keep(offered) == KEPT
    assert offered.exemptions.live(NOW) == (GRANT,)
    assert offered.action_results.get("opaque", Action.KEEP) == KEPT
    assert [entry.record.action for entry in offered.audit.since(NOW)] == ["keep"]


def test_a_second_click_changes_nothing_and_gets_the_result_of_the_first(offered: Store) -> None:
    keep(offered)

    assert keep(offered, replace(KEPT, made_id="second", user_id="U0BEN", at=NOW + MINUTE)) == KEPT
    assert offered.exemptions.live(NOW) == (GRANT,)
    assert logged(offered) == [AuditResult.DONE, AuditResult.REFUSED]


@pytest.mark.parametrize(("later", "fewer_rules", "is_saved"), [(0, False, False), (-1, True, False), (1, False, True)])
def test_a_click_on_another_rendering_is_done_only_if_it_exempts_from_more_or_for_longer(
    offered: Store, *, later: int, fewer_rules: bool, is_saved: bool
) -> None:
    keep(offered)
    other = replace(OFFER, key="another rendering")
    offered.offers.save([other])
    result = replace(KEPT, offer=other, made_id="second", at=NOW + MINUTE)
    rules = frozenset(sorted(GRANT.rules)[1:]) if fewer_rules else GRANT.rules
    second = replace(GRANT, id="second", granted_at=NOW + MINUTE, until=GRANT.until + later * DAY, rules=rules)

    assert offered.action_results.keep(result, second, record(result)) == (result if is_saved else KEPT)
    assert len(offered.exemptions.live(NOW + MINUTE)) == 1 + is_saved
    assert logged(offered)[1] is (AuditResult.DONE if is_saved else AuditResult.REFUSED)


def test_an_exemption_is_ended_once_whatever_the_key(offered: Store) -> None:
    keep(offered)
    offered.offers.save([replace(UNDO_OFFER, key="another rendering")])
    offered.action_results.end(UNDONE, record(UNDONE))
    again = replace(UNDONE, offer=replace(UNDO_OFFER, key="another rendering"), at=NOW + 2 * MINUTE)

    assert offered.action_results.end(again, record(again)) == UNDONE
    assert offered.action_results.of_message("a message") == (KEPT, UNDONE)
    assert logged(offered) == [AuditResult.DONE, AuditResult.DONE, AuditResult.REFUSED]


def test_of_many_clicks_at_once_one_is_done(offered: Store) -> None:
    results = [replace(KEPT, made_id=f"grant {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda result: keep(offered, result), results))

    assert len(answers) == len(offered.exemptions.live(NOW)) == 1
    assert logged(offered) == [AuditResult.DONE, *[AuditResult.REFUSED] * 7]


def test_nothing_is_saved_if_the_record_cannot_be(offered: Store) -> None:
    nobody = replace(record(KEPT), actor=Person("", ""))
    with pytest.raises(ValueError, match="needs a user id"):
        offered.action_results.keep(KEPT, GRANT, nobody)

    assert offered.exemptions.live(NOW) == ()
    assert offered.action_results.get("opaque", Action.KEEP) is None


def test_an_exemption_that_is_undone_is_over(offered: Store) -> None:
    keep(offered)

    assert offered.action_results.end(UNDONE, record(UNDONE)) == UNDONE
    assert offered.exemptions.live(NOW + MINUTE) == ()
    assert offered.action_results.of_message("a message") == (KEPT, UNDONE)


def test_a_disclaimer_is_saved_once_with_its_result_and_its_record_and_ended(offered: Store) -> None:
    said = disclaimer()
    result = replace(KEPT, action=Action.NOT_MINE, made_id=said.id, until=said.until)
    assert offered.action_results.disclaim(result, said, record(result)) == result
    again = replace(result, made_id="second", at=NOW + MINUTE)
    assert offered.action_results.disclaim(again, disclaimer(2), record(again)) == result
    assert offered.ownership.live(NOW).disclaimers == (said,)
    assert logged(offered) == [AuditResult.DONE, AuditResult.REFUSED]

    elsewhere = replace(UNDO_OFFER, key="on the Home tab", message="home", made_id=said.id)
    offered.offers.save([elsewhere])
    undone = replace(UNDONE, offer=elsewhere, made_id=said.id)
    assert offered.action_results.end(undone, record(undone)) == undone
    assert offered.action_results.of_message("a message") == (result, undone)
    assert offered.ownership.live(NOW + MINUTE).disclaimers == ()


def test_no_disclaimer_is_saved_if_its_record_cannot_be(offered: Store) -> None:
    result = replace(KEPT, action=Action.NOT_MINE, made_id="disclaimer1")
    with patch("bailiff_bot.store.action_results.append", side_effect=StoreError("full")), pytest.raises(StoreError):
        offered.action_results.disclaim(result, disclaimer(), record(result))
    assert offered.ownership.live(NOW).disclaimers == ()
    assert offered.action_results.get("opaque", Action.NOT_MINE) is None


def test_what_is_not_shown_yet_is_known_until_it_is(offered: Store) -> None:
    keep(offered)

    assert offered.action_results.not_shown() == (KEPT,)
    offered.action_results.mark_shown([KEPT])
    assert offered.action_results.not_shown() == ()
    offered.action_results.show_again(NOW + SECOND)
    assert offered.action_results.not_shown() == ()
    offered.action_results.show_again(NOW)
    assert offered.action_results.not_shown() == (KEPT,)


def test_what_undoes_it_is_shown_on_its_own(offered: Store) -> None:
    keep(offered)
    offered.action_results.end(UNDONE, record(UNDONE))
    offered.action_results.mark_shown([KEPT])

    assert offered.action_results.not_shown() == (UNDONE,)


def test_offers_of_one_rendering_are_found_together(offered: Store) -> None:
    other, later = replace(OFFER, key="other"), replace(OFFER, key="later", at=NOW + MINUTE)
    offered.offers.save(
        [other, later, replace(OFFER, key="undo it", made_id="1"), replace(OFFER, key="x", message="y")]
    )

    assert offered.offers.same_rendering(OFFER) == (OFFER, other)


def test_results_are_found_by_user_and_by_time(offered: Store) -> None:
    keep(offered)

    assert offered.action_results.of_user(ADA, NOW) == offered.action_results.since(NOW) == (KEPT,)
    assert offered.action_results.of_user(ADA, NOW + SECOND) == offered.action_results.since(NOW + SECOND) == ()
    assert offered.action_results.of_user("U0BEN", NOW) == ()


def test_old_results_and_clicks_are_deleted(offered: Store) -> None:
    click = Click("1", "opaque", ADA, "https://hooks.example/secret", NOW)
    keep(offered)
    offered.clicks.save(click)
    assert "secret" not in repr(click)

    offered.prune(NOW + DAY, timedelta(days=30))
    assert offered.clicks.get("1") == click
    offered.prune(NOW + DAY + SECOND, timedelta(days=30))
    assert offered.clicks.get("1") is None
    assert offered.action_results.get("opaque", Action.KEEP) == KEPT
    offered.prune(NOW + 30 * DAY + SECOND, timedelta(days=30))
    assert offered.action_results.get("opaque", Action.KEEP) is None


def test_an_exemption_that_two_people_end_is_ended_once(offered: Store) -> None:
    keep(offered)
    offers = [replace(UNDO_OFFER, key=f"end {number}") for number in range(8)]
    offered.offers.save(offers)
    results = [replace(UNDONE, offer=offer, action=Action.END) for offer in offers]
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda result: offered.action_results.end(result, record(result)), results))

    assert len(answers) == 1
    assert offered.action_results.ended(GRANT.id) in answers
    logged = [(entry.record.result, entry.record.reason) for entry in offered.audit.since(NOW)]
    assert logged.count((AuditResult.DONE, "")) == 2  # to keep it, and to end that
    assert logged.count((AuditResult.REFUSED, "done-already")) == 7


def test_an_exemption_that_nobody_ended_has_no_such_result(offered: Store) -> None:
    keep(offered)

    assert offered.action_results.ended(GRANT.id) is None
