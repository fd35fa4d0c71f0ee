"""`make torture`: runs every trial in full, and prints the results as a table in Markdown.

The trials kill, stop and starve the bot, and move its clock. `python -m tests.torture kills stops --count 3` runs some
trials with another count. The exit code is 1 if a promise was broken; the failures are listed below the table.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tests.torture import (
    acks,
    action_kills,
    aws_kills,
    claims,
    clocks,
    kills,
    lost_answers,
    outages,
    random_clicks,
    replicas,
    state_machine,
    stops,
)
from tests.torture.result_row import ResultRow
from tests.torture.worker_pool import exit_on_sigterm


@dataclass(frozen=True, slots=True)
class Trial:
    """A function that returns a row of the table, and how often it repeats its test."""

    run: Callable[[int], ResultRow]
    count: int


TRIALS = {
    "claims": Trial(claims.run, 1),
    "kills": Trial(kills.run, 50),
    "actions": Trial(action_kills.run, 50),
    "aws_actions": Trial(aws_kills.run, 50),
    "clicks": Trial(random_clicks.run, random_clicks.CLICKS),
    "lost_answers": Trial(lost_answers.run, 250),
    "stops": Trial(stops.run, 8),
    "replicas": Trial(replicas.run, 30),
    "summer_time": Trial(lambda _count: clocks.summer_time(), 1),
    "frozen": Trial(clocks.frozen, 20),
    "down": Trial(clocks.down, 20),
    "away": Trial(outages.away, 5),
    "full": Trial(outages.full, 5),
    "state_machine": Trial(state_machine.run, 500),
    "acks": Trial(acks.run, 5),
}
"""By command name, in the order of the table."""


def main() -> int:
    """Run the trials that the arguments name, print the table, and return the exit code."""
    names, count = _arguments()
    exit_on_sigterm()
    rows = []
    for name in names:
        rows.append(_run_timed(TRIALS[name], count))
        _print_progress(f"{name}: {_table_row(rows[-1])}")
    print(table(rows))
    return int(not all(row.passed for row in rows))


def _arguments() -> tuple[list[str], int | None]:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="What the bot is tortured with.")
    parser.add_argument("row", nargs="*", help=f"which rows, of {', '.join(TRIALS)}; none: all")
    parser.add_argument("--count", type=int, help="how often each is tried; else as the README says")
    given = parser.parse_args()
    if unknown := [name for name in given.row if name not in TRIALS]:
        parser.error(f"there is no row {', '.join(unknown)}: there are {', '.join(TRIALS)}")
    return given.row or list(TRIALS), given.count


def _run_timed(trial: Trial, count: int | None) -> ResultRow:
    began = time.monotonic()
    row = trial.run(trial.count if count is None else count)
    return replace(row, seconds=time.monotonic() - began)


def table(rows: Iterable[ResultRow]) -> str:
    """Return the rows as a table in Markdown, followed by the failures and the notes."""
    shown = list(rows)
    lines = ["| what | shown | runs | result | seconds |", "|---|---|---:|---|---:|", *map(_table_row, shown)]
    notes = [f"- {row.title}: {note}" for row in shown for note in row.notes]
    failed = [f"- {row.title}: {failure}" for row in shown for failure in row.failures]
    if failed:
        lines += ["", f"Failed ({len(failed)}):", "", *failed]
    return "\n".join([*lines, "", *notes])


def _table_row(row: ResultRow) -> str:
    result = "kept" if row.passed else "BROKEN"
    return f"| {row.title} | {row.counts} | {row.runs:,} | {result} | {row.seconds:,.0f} |"


def _print_progress(text: str) -> None:
    """Print to standard error: standard output holds the table alone."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
