"""16 processes plan 200 local days at the same time, on SQLite and on PostgreSQL."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain

from bailiff_bot.store.store import store_at
from tests.integration.store.builders import slot
from tests.integration.store.concurrency import DAYS, claim_days, run_concurrently
from tests.torture.postgres import TemplateServer
from tests.torture.result_row import ResultRow

PROCESSES = 16


def run(count: int, processes: int = PROCESSES) -> ResultRow:
    """Let the processes race `count` times on each database."""
    failures = []
    for number in range(count):
        with _databases() as databases:
            for kind, address in databases.items():
                failures += [f"{kind}, run {number}: {line}" for line in claim_errors(address, processes)]
    return ResultRow(
        title=f"{processes} processes claim {DAYS} local days on PostgreSQL, and on SQLite",
        counts=f"{DAYS} claims each, none by two" if not failures else "not each day once",
        runs=2 * count,
        failures=tuple(failures),
    )


def claim_errors(address: str, processes: int) -> list[str]:
    """Let the processes claim every day. Return a line for each day that was not claimed exactly once."""
    claims = Counter(chain(*run_concurrently(processes, claim_days, address)))
    with store_at(address) as store:
        planned = Counter(batch.slot for batch in store.deliveries.unfinished())
    wrong = [f"day {day} was claimed {claims[day]} times" for day in range(DAYS) if claims[day] != 1]
    return wrong + [
        f"{slot(day)} is planned {planned[slot(day)]} times" for day in range(DAYS) if planned[slot(day)] != 1
    ]


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, TemplateServer(datetime.now(UTC)) as server:
        server.make_template()
        with server.database(short_timeouts=False) as database:
            yield {"SQLite": f"sqlite:///{folder}/bailiff.sqlite", "PostgreSQL": database}
