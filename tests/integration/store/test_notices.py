"""A notice is planned in the transaction that records that its results are told: once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.delivery import BatchPlan, MessageKind, OutgoingMessage, delivery_key
from bailiff_bot.domain.notice import NOTICE, Notice
from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, HOSTILE, MINUTE, NOW, grant, key, new_batch, settle_delivery

OFFER = Offer("opaque", key().subject, HOSTILE, ADA, "a message", NOW)
GRANT = grant()
OWNERS = ("agr@octo.example", "hro@octo.example")
KEPT = ActionResult(OFFER, Action.KEEP, ADA, HOSTILE, NOW, GRANT.id, GRANT.until, HOSTILE, owners=OWNERS)
END_OFFER = replace(OFFER, key="end", message="", made_id=GRANT.id)
ENDED = ActionResult(END_OFFER, Action.END, "U0HEC", "Hector", NOW + MINUTE, GRANT.id)


def record(result: ActionResult) -> AuditRecord:
    person = Person(result.user_id, result.name)
    return AuditRecord(result.at, person, str(result.action), AuditResult.DONE, result.offer.subject)


def notice_plan(number: int = 1) -> BatchPlan:
    batch = replace(new_batch(number), kind=NOTICE, recipient="U0HEC")
    about = [[KEPT.offer.key, KEPT.action]]
    message = OutgoingMessage(MessageKind.DIRECT, "U0HEC", f"notice {number}", "a notice", {"text": "kept"}, about)
    return BatchPlan(batch, (replace(message, offers=(END_OFFER,)),))


@pytest.fixture
def kept(store: Store) -> Store:
    store.offers.save([OFFER])
    store.action_results.keep(KEPT, GRANT, record(KEPT))
    return store


def test_what_was_done_waits_until_it_is_told_with_its_owners(kept: Store) -> None:
    assert kept.notices.waiting() == (KEPT,)
    assert kept.notices.tell([KEPT], [notice_plan()])
    assert kept.notices.waiting() == ()
    assert [batch.kind for batch in kept.deliveries.unfinished()] == [NOTICE]


def test_of_many_processes_one_tells_it(kept: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda number: kept.notices.tell([KEPT], [notice_plan(number)]), range(8)))
    assert told.count(True) == len(kept.deliveries.unfinished()) == 1


def test_if_one_of_several_was_told_none_is_told_again(kept: Store) -> None:
    kept.notices.tell([KEPT], [])
    undone = replace(ENDED, action=Action.UNDO, offer=OFFER)
    kept.action_results.end(undone, record(undone))
    assert not kept.notices.tell([KEPT, undone], [notice_plan()])
    assert kept.notices.waiting() == (undone,)
    assert kept.deliveries.unfinished() == ()


def test_a_notice_is_known_once_slack_has_it_with_what_ended_since(kept: Store) -> None:
    plan = notice_plan()
    kept.notices.tell([KEPT], [plan])
    sent_key = delivery_key(plan.batch, plan.messages[0].name, "U0HEC")
    assert kept.notices.notice(sent_key) is None
    settle_delivery(kept.deliveries, sent_key, "1.0")
    sent = kept.notices.notice(sent_key)
    assert isinstance(sent, Notice)
    assert (sent.recipient, sent.results) == ("U0HEC", (KEPT,))
    assert kept.notices.showing(GRANT.id) == (sent_key,)
    assert kept.notices.notice("another") is None

    assert kept.notices.endings([GRANT.id]) == ()
    end = replace(ENDED, offer=replace(END_OFFER, message=sent_key))
    kept.action_results.end(end, record(end))
    assert kept.notices.endings([GRANT.id]) == (end,)
    assert kept.action_results.of_message("a message") == (KEPT, end)
