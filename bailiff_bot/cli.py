"""The command line. A command imports what it needs inside its function, so that `--help` is fast."""

import gc
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bailiff_bot.errors import BailiffError, SettingsError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bailiff_bot.bootstrap.services import Services
    from bailiff_bot.bootstrap.timing import Timing
    from bailiff_bot.domain.clock import Clock
    from bailiff_bot.domain.report import Report
    from bailiff_bot.domain.report_filter import ReportFilter
    from bailiff_bot.domain.report_part import ReportPart
    from bailiff_bot.settings.model import Settings
    from bailiff_bot.usecases.digests import DigestResult

FAILED, MISUSED, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130
"""Exit codes; 0 is success."""
_NICENESS = 10
"""How much a command that scans gives way to a bot on the same machine, whose clicks must be acknowledged at once."""

app = typer.Typer(
    name="bailiff",
    help="Finds EC2 instances that break the team's rules, and notifies their owners in Slack.",
    epilog="Settings are environment variables, or lines of a file .env here; docs/settings.md lists them. "
    "Exit codes: 0 fine, 1 failed, 2 misused, 3 incomplete (something that should have been read was not).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """The output formats of a report and of the audit log."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Replacements:
    """What a test replaces; by default nothing."""

    clock: "Clock | None" = None
    timing: "Timing | None" = None


def _shared_services(
    context: typer.Context, settings: "Settings", progress: Callable[[int, int], None] = lambda _done, _total: None
) -> "Services":
    from bailiff_bot.bootstrap.services import services

    replacements: Replacements = context.obj
    return services(settings, progress, clock=replacements.clock, timing=replacements.timing)


@app.command()
def run(context: typer.Context) -> None:
    """Run the bot in Slack.

    It answers /bailiff, and sends the digest when it is due. Needs SLACK_BOT_TOKEN, SLACK_APP_TOKEN, and for the digest
    BAILIFF_CHANNEL. Stops on Ctrl-C or SIGTERM.
    """
    settings = _load_settings()
    from bailiff_bot.bootstrap.bot import bot_process
    from bailiff_bot.bootstrap.slack import slack_services

    shared = _shared_services(context, settings)
    bot_process(settings, shared, slack_services(settings, shared)).run()
    _exit_at_once(0)


@app.command()
def report(
    context: typer.Context,
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER]...",
            help="Which part: regions, accounts, rules, identifiers, addresses, or a cost in quotes: 'cost>100'.",
        ),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", "-f", help="text: tables to read; json, csv: one record for each instance.")
    ] = Format.TEXT,
) -> None:
    """Print all instances, and the rules that they break; with filters, a part of them.

    Needs no Slack: only AWS credentials, as the AWS command line uses them.
    """
    gc.disable()  # the process ends soon; the cyclic garbage collector took a tenth of its time, and freed 3 MB
    wanted, settings = _filter(filters or []), _load_settings(quiet=True)
    with _scanning() as progress, _shared_services(context, settings, progress) as services:
        part = services.reports.part_of_new_scan(wanted)
        _exit_without_answer(part, services)
    if output_format is Format.TEXT:
        _print_tables(part, services.clock(), settings.timezone)
    else:
        _print_records(part, output_format)
    exit_if_incomplete(part.report)


@app.command()
def why(
    context: typer.Context,
    instance: Annotated[list[str], typer.Argument(help="The name or the id of an instance, or a controller's name.")],
) -> None:
    """Print how an instance was judged, who was told of it, and what happens next.

    Reads the latest snapshot of the database, however old it is; without one, it scans. Needs no Slack.
    """
    from bailiff_bot.bootstrap.explain import explain_without_slack
    from bailiff_bot.render.text import as_text

    settings = _load_settings(quiet=True)
    with _scanning() as progress, _shared_services(context, settings, progress) as services:
        answer, explained = explain_without_slack(settings, services).answer(" ".join(instance))
    print(as_text(answer, _terminal_width()))
    if not explained:
        raise typer.Exit(FAILED)


def _filter(words: Sequence[str]) -> "ReportFilter":
    from bailiff_bot.domain.report_filter import ReportFilter
    from bailiff_bot.slack.handlers.typed_filter import typed_filter

    found = typed_filter(words)
    return found if isinstance(found, ReportFilter) else _misused(found.summary)


def _exit_without_answer(part: "ReportPart", services: "Services") -> None:
    """Exit if nothing can be known about a part: it is not scanned, or nothing has a price."""
    from bailiff_bot.domain.report_filter import View
    from bailiff_bot.usecases.answers import without_answer

    if nothing := without_answer(part, services.reports, View.REPORT):
        _misused(nothing.summary)


def _print_records(part: "ReportPart", output_format: Format) -> None:
    from bailiff_bot.messages.part_text import left_out_lines
    from bailiff_bot.render import export

    export_as = export.as_json if output_format is Format.JSON else export.as_csv
    sys.stdout.writelines(export_as(part.report))
    for line in left_out_lines(part):
        _print_error(line)


def _print_tables(part: "ReportPart", now: "datetime", timezone: str) -> None:
    from zoneinfo import ZoneInfo

    from bailiff_bot.messages.tables import terminal_report
    from bailiff_bot.render.text import as_text

    print(as_text(terminal_report(part, now, ZoneInfo(timezone)), _terminal_width()))


def _terminal_width() -> int | None:
    """Return the width of the terminal in cells; None for a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _user_id(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[UW][A-Z0-9]{5,}", value):
        raise typer.BadParameter(f"{value!r} is not a Slack user id like U0123ABCD (in Slack: profile, Copy member ID)")
    return value


@app.command()
def digest(
    context: typer.Context,
    preview: Annotated[
        str | None,
        typer.Option(
            metavar="USER", callback=_user_id, help="A Slack user id: send the whole digest to that person alone."
        ),
    ] = None,
) -> None:
    """Send the digest now, once.

    For cron, or to try it with --preview. Each call sends one digest, so do not repeat a job that failed:
    with exit code 3 it was sent. Owners are notified afterwards if BAILIFF_NUDGES is on; with --preview nobody is.
    """
    from bailiff_bot.bootstrap.slack import slack_services
    from bailiff_bot.slack.client.channels import name_for_readers

    settings = _load_settings(quiet=True)
    if preview is None:
        settings.require("BAILIFF_CHANNEL")
    with _scanning() as progress, _shared_services(context, settings, progress) as services:
        slack = slack_services(settings, services)
        slack.users.connect()
        if preview is None:
            # If cron sends the digests, no other process resumes an unfinished one.
            wait(slack.outbox.resume_unfinished())
            result = slack.digests.send_now().result()
            services.prune()
        else:
            slack.users.check_recipient(preview)
            result = slack.digests.send_preview(preview).result()
    recipient = name_for_readers(settings.channel) if preview is None else f"{preview} alone"
    print(f"Digest sent to {recipient}. {_owners_line(result)}")
    for problem in result.problems:
        _print_error(problem)
    if result.problems:
        raise typer.Exit(FAILED)
    exit_if_incomplete(result.digest.report)


def _owners_line(result: "DigestResult") -> str:
    digest = result.digest
    owners, due = len(digest.owner_findings), len(digest.owners_due)
    already_notified = f" {owners - due} were already notified, and nothing is new." if due < owners else ""
    if not owners:
        return "There is no owner to notify."
    if digest.nudges == "preview":
        return f"Owners found: {owners}. Nobody was notified: this is a preview."
    if digest.nudges != "on":
        return f"Owners notified: 0 of {due}, because BAILIFF_NUDGES is {digest.nudges}.{already_notified}"
    return f"Owners notified: {result.notified} of {due}.{already_notified}"


@app.command()
def audit(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How far to go back, such as 36h or 2w; by default 7d.")
    ] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", "-f", help="text: a table to read; json, csv: one record for each row.")
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check instead that no row was changed, removed or added.")
    ] = False,
) -> None:
    """Print the audit log: who did what, when and why.

    Needs no Slack and no AWS, only the database. With --verify, exit code 1 means that the log was changed.
    """
    if verify and not (since is None and output_format is None):
        _misused("--verify takes neither --since nor --format.")
    duration = _duration("7d" if since is None else since, "--since")
    settings = _load_settings(quiet=True)
    with _shared_services(context, settings) as services:
        if verify:
            _verify(services)
        else:
            _print_audit(services, duration, output_format or Format.TEXT, settings.timezone)


def _duration(text: str, option: str) -> "timedelta":
    from bailiff_bot.usecases.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        _misused(f"{option}: {error}.")


def _verify(services: "Services") -> None:
    from bailiff_bot.domain.audit_verification import Break
    from bailiff_bot.messages.audit_text import broken_line, intact_line

    found, database = services.audit.verify(), services.store.database.name
    if isinstance(found, Break):
        _print_error(broken_line(found, database))
        raise typer.Exit(FAILED)
    print(intact_line(found, database))


def _print_audit(services: "Services", duration: "timedelta", output_format: Format, timezone: str) -> None:
    from zoneinfo import ZoneInfo

    from bailiff_bot.messages.audit_text import no_entries_line
    from bailiff_bot.render import audit as rendered

    excerpt, zone = services.audit.latest(duration), ZoneInfo(timezone)
    if output_format is Format.JSON:
        sys.stdout.writelines(rendered.as_json(excerpt.entries, excerpt.since))
    elif output_format is Format.CSV:
        sys.stdout.writelines(rendered.as_csv(excerpt.entries))
    elif excerpt.entries:
        print(rendered.as_table(excerpt.entries, zone, _terminal_width()))
    else:
        print(no_entries_line(excerpt.since, zone, services.store.database.name))


@app.command()
def sandbox() -> None:
    """Try Bailiff on this machine.

    Starts a Slack workspace, an EC2 fleet, an Askbob and a bot on 127.0.0.1, until Ctrl-C.
    """
    try:
        from bailiff_bot.sandbox import sandbox
    except ImportError as error:
        raise SettingsError(f"The sandbox is an extra ({error}): pip install 'bailiff-bot[sandbox]'") from error
    sandbox.run_until_interrupted()


def main(replacements: Replacements | None = None) -> None:
    """Run the command line. An expected error is printed as one line, without a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        app(obj=replacements or Replacements())
    except SettingsError as error:
        _print_error(str(error))
        sys.exit(MISUSED)
    except BailiffError as error:
        _print_error(str(error))
        sys.exit(FAILED)
    except _Interrupted:
        _print_error("Interrupted.")
        _exit_at_once(INTERRUPTED)


class _Interrupted(BaseException):
    """Ctrl-C or SIGTERM. A BaseException, so that no `except Exception` catches it."""


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Interrupted


def _exit_at_once(code: int) -> NoReturn:
    """End the process without waiting for threads that wait for AWS: nobody needs their results."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _load_settings(*, quiet: bool = False) -> "Settings":
    from bailiff_bot.runtime import logging
    from bailiff_bot.settings import environment

    settings = environment.load_settings()
    logging.configure_logging("ERROR" if quiet and settings.log_level != "DEBUG" else settings.log_level)
    return settings


def exit_if_incomplete(report: "Report") -> None:
    """Print the unexpected gaps, and exit with `INCOMPLETE` if one of them limits what the report says."""
    from bailiff_bot.domain.gap import limiting, unexpected
    from bailiff_bot.messages.gaps import alarm_lines

    for line in alarm_lines(unexpected(report.gaps)):
        _print_error(line)
    if limiting(report.gaps):
        raise typer.Exit(INCOMPLETE)


@contextmanager
def _scanning() -> Iterator[Callable[[int, int], None]]:
    """Draw a progress bar on a terminal, and nothing in a pipe. Give way to other processes."""
    os.nice(_NICENESS)
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Reading regions"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scan", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _misused(text: str) -> NoReturn:
    _print_error(text)
    raise typer.Exit(MISUSED)


def _print_error(text: str) -> None:
    print(f"bailiff: {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
