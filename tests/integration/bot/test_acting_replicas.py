"""Two replicas on one PostgreSQL: many forms that are sent at once begin no more than the limit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.acting import (
    ACTING,
    SETTLED,
    WITHOUT_TICKS,
    ShiftedClock,
    acting_program,
    audit,
    changes,
    state,
    submission,
)
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days
from tests.integration.bot.databases import new_database, serving_program
from tests.integration.bot.person import Person
from tests.program import Program

OWNERS = {"ada": "agr", "nadia": "nabe", "hector": "hro", "albert": "alb"}
EACH, LIMIT = 5, 7
NAMES = tuple(f"{identifier}-{number}" for identifier in OWNERS.values() for number in range(EACH))


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )


@pytest.fixture
def program(sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """Serve the bot twice, with one database and a digest that was sent."""
    database, clock, limit = new_database("postgresql", request, tmp_path), ShiftedClock(), str(LIMIT)
    settings: dict[str, Any] = {**ACTING, **SETTLED, "BAILIFF_MAX_ACTIONS": limit}
    with (
        acting_program(sandbox, database, clock=clock, BAILIFF_MAX_ACTIONS=limit) as program,
        serving_program(sandbox, database, clock=clock, timing=WITHOUT_TICKS, **settings),
    ):
        yield program


def test_four_owners_who_send_twenty_forms_at_once_stop_no_more_than_the_limit(
    program: Program, sandbox: Sandbox, users: SandboxUsers
) -> None:
    sent = []
    for user, identifier in OWNERS.items():
        person = Person(users, user)
        for number in range(EACH):
            name = f"{identifier}-{number}"
            click = person.driver.click(person.nudge(), "Stop", near=name).request
            view = person.modal(name, "is stopped in AWS")
            sent.append(submission(click, view, "bailiff_stop_form", view.content["private_metadata"]))
    with ThreadPoolExecutor(len(sent)) as threads:
        assert all(result.acknowledged for result in threads.map(users.driver.send_payload, sent))

    def answered() -> bool:
        rows = [row[1] for row in audit(program) if row[0] == "stop"]
        return rows.count(AuditResult.BEGUN) + rows.count(AuditResult.REFUSED) == len(NAMES)

    users.driver.wait_for(answered, ANSWER_TIMEOUT)
    program.run_due()
    rows = [row for row in audit(program) if row[0] == "stop"]
    assert rows.count(("stop", AuditResult.BEGUN, "")) == rows.count(("stop", AuditResult.DONE, "")) == LIMIT
    assert rows.count(("stop", AuditResult.REFUSED, "brake")) == len(NAMES) - LIMIT
    assert len(changes(sandbox)) == LIMIT
    assert [state(sandbox, name) for name in NAMES].count("stopped") == LIMIT
    assert program.shared.store.audit.verify()
