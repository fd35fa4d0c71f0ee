"""The outbox and the store know the same kinds of batches."""

from slack_sdk import WebClient

from bailiff_bot.bootstrap.sending import batch_kinds
from bailiff_bot.domain.notice import NOTICE
from bailiff_bot.domain.owner_change import OWNER_CHANGE
from bailiff_bot.domain.report_filter import EVERYTHING
from bailiff_bot.domain.triage import TRIAGE
from bailiff_bot.store.store import ON_SEEN
from bailiff_bot.usecases.braking import BRAKE_NOTICE
from bailiff_bot.usecases.delegating import DELEGATION_NOTICE
from bailiff_bot.usecases.deletion_posts import DELETION_POST
from bailiff_bot.usecases.end_questions import END_QUESTION
from bailiff_bot.usecases.notices import NOTICE_UPDATE
from bailiff_bot.usecases.nudge_refresh import NUDGE_UPDATE
from bailiff_bot.usecases.triage_posts import TRIAGE_UPDATE
from tests.unit.digest_scenario import MESSAGES, DigestScenario


def plan_each_kind() -> DigestScenario:
    scenario = DigestScenario()
    digests = scenario.digests()
    digests.send_scheduled("a slot", scenario.expiry())
    digests.send_now()
    digests.send_preview("U9")
    part = digests.new_digests.reports.part(EVERYTHING)
    scenario.full_reports().send("U9", part)
    scenario.shared_reports().send("C9", part, "Ada Granger")
    return scenario


def test_the_outbox_has_hooks_for_each_kind_that_is_planned_and_no_others() -> None:
    scenario = plan_each_kind()
    planned = {plan.batch.kind for plan in scenario.delivery_store.plans}
    others = {
        NUDGE_UPDATE,
        TRIAGE,
        TRIAGE_UPDATE,
        DELEGATION_NOTICE,
        NOTICE,
        NOTICE_UPDATE,
        END_QUESTION,
        BRAKE_NOTICE,
        OWNER_CHANGE,
        DELETION_POST,
    }
    assert planned | others == batch_kinds(WebClient(), "on", MESSAGES, lambda *_: True).keys()


def test_the_store_remembers_each_kind_that_leaves_something_and_no_others() -> None:
    scenario = plan_each_kind()
    with_run = {plan.batch.kind for plan in scenario.delivery_store.plans if plan.run}
    assert {*with_run, TRIAGE} == ON_SEEN.keys()
