import csv
import io

import pytest
import typer

from bailiff_bot.cli import INCOMPLETE, exit_if_incomplete
from bailiff_bot.domain.gap import SUPPLEMENTARY, Gap, GapSource
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.gaps import alarm_lines, gap_lines, unread_names
from bailiff_bot.messages.wording import all_is_well, plausibility_line, small_print
from bailiff_bot.render.export import as_csv
from tests.builders import IRELAND, OTHER_ACCOUNT, OWN_ACCOUNT, PARIS, VIRGINIA, count_gaps, instance, report

FLEET_SHRANK = "the fleet shrank from 400 to 31 instances in the regions that were read"
DIRECTORY_SHRANK = "the directory knows 12 people, and knew 140"
DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)


def report_with_gap(source: GapSource) -> Report:
    return report(instance(), gaps=[Gap(source, VIRGINIA, "timed out", "no answer within 5 s", "ask again")])


def directory_gaps(*reasons: str) -> tuple[Gap, ...]:
    return people_from_entries([], reasons).gaps


LIMITING = [source for source in GapSource if source not in SUPPLEMENTARY]


@pytest.mark.parametrize("source", GapSource)
def test_all_is_not_well_with_a_gap_unless_its_source_is_supplementary(source: GapSource) -> None:
    assert all_is_well(report_with_gap(source)) is (source in SUPPLEMENTARY)


@pytest.mark.parametrize("source", GapSource)
def test_a_gap_of_any_source_is_in_the_small_print_and_the_csv_with_its_reason(source: GapSource) -> None:
    found = report_with_gap(source)
    assert "timed out" in "\n".join(small_print(found, "just now"))
    *_, row = csv.DictReader(io.StringIO("".join(as_csv(found)), newline=""))
    assert row["table"]
    assert (row["evidence"], row["region"]) == ("timed out: no answer within 5 s", VIRGINIA.region)


@pytest.mark.parametrize("source", LIMITING)
def test_a_gap_ends_a_command_with_the_exit_code_for_incomplete(
    source: GapSource, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as error:
        exit_if_incomplete(report_with_gap(source))
    assert error.value.exit_code == INCOMPLETE
    assert "timed out); no answer within 5 s; ask again" in capsys.readouterr().err


@pytest.mark.parametrize("source", sorted(SUPPLEMENTARY))
def test_a_gap_of_a_supplementary_source_is_told_and_ends_no_command(
    source: GapSource, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_if_incomplete(report_with_gap(source))
    assert "timed out); no answer within 5 s; ask again" in capsys.readouterr().err


def test_a_report_without_unexpected_gaps_ends_no_command() -> None:
    exit_if_incomplete(report(instance(), unread=[DENIED], policy=Policy(expected_unread=("sa-east-1",))))


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["timed out"], "Rule incomplete (timed out)"),
        (["a", "b", "c", "d", "e"], "Rule incomplete (a; b; c; 2 more)"),
    ],
)
def test_a_source_without_a_wording_of_its_own_is_called_incomplete(reasons: list[str], expected: str) -> None:
    assert gap_lines(Gap(GapSource.RULE, None, reason) for reason in reasons) == [expected]


def test_implausible_counts_say_what_is_not_done_because_of_them() -> None:
    found = report(instance(), gaps=count_gaps(FLEET_SHRANK))
    line, _ = small_print(found, "just now")
    assert line == plausibility_line(found)
    assert line.startswith(f"Not plausible: {FLEET_SHRANK}. ")
    assert "no owner is notified and nothing is called fixed" in line
    assert plausibility_line(report()) == ""


def usage_gaps(*targets: Target, reason: str = "access denied", remedy: str = "allow it") -> tuple[Gap, ...]:
    return tuple(Gap(GapSource.USAGE, one, reason, f"AccessDenied in {one.account}", remedy) for one in targets)


def test_regions_without_usage_have_one_line_with_their_number_and_what_to_do() -> None:
    found = report(*(instance(target=one) for one in (IRELAND, PARIS, VIRGINIA)), gaps=usage_gaps(IRELAND, VIRGINIA))
    line, coverage = small_print(found, "just now")
    assert line == "Usage not read in 2 of 3 regions: access denied; allow it"
    assert coverage.startswith("3 of 3 regions ")


def test_several_reasons_are_counted_the_commonest_first() -> None:
    gaps = (*usage_gaps(IRELAND, reason="timed out", remedy=""), *usage_gaps(VIRGINIA, PARIS))
    line, _ = small_print(report(instance(), gaps=gaps), "just now")
    assert line.endswith("access denied in 2, timed out in 1; allow it")


def test_a_region_that_is_not_read_for_the_same_reason_hides_no_other_gap() -> None:
    gaps = [DENIED, *usage_gaps(IRELAND), Gap(GapSource.VOLUMES, IRELAND, "access denied")]
    assert gap_lines(gaps) == ["Volumes incomplete (access denied)"]


def test_regions_without_usage_for_one_reason_share_a_line_for_the_administrator() -> None:
    targets = [Target(f"{number:012}", region) for number in range(15) for region in ("eu-west-1", "us-east-1")]
    [line] = alarm_lines(usage_gaps(*targets))
    assert line.startswith("usage not read: 000000000000/eu-west-1, 000000000000/us-east-1, ")
    assert line.endswith(", 10 more (access denied); AccessDenied in 000000000000; allow it")


def test_an_implausible_directory_is_named_once_and_nobody_is_accused() -> None:
    lines = "\n".join(gap_lines([*directory_gaps(DIRECTORY_SHRANK), *count_gaps(DIRECTORY_SHRANK)]))
    assert lines.count(DIRECTORY_SHRANK) == 1
    assert "Directory not plausible: unknown identifiers are not reported" in lines


def test_the_gaps_of_an_implausible_directory_are_named_too() -> None:
    _, line = gap_lines([*directory_gaps(DIRECTORY_SHRANK, "team B failed"), *count_gaps(DIRECTORY_SHRANK)])
    assert line == "Directory incomplete (team B failed): unknown identifiers are not reported"


def test_the_gaps_of_the_directory_are_named() -> None:
    [line] = gap_lines(directory_gaps("team B failed", "team C timed out"))
    assert "team B failed; team C timed out" in line


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (
            unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.EXPIRED_CREDENTIALS, "ExpiredToken"),
            f"not read: {OWN_ACCOUNT} sa-east-1 (credentials expired); ExpiredToken; renew the credentials",
        ),
        (
            unread_gap(Target(OWN_ACCOUNT, ALL_REGIONS), UnreadReason.TIMED_OUT),
            f"not read: {OWN_ACCOUNT} every region (timed out)",
        ),
        (*directory_gaps("team B failed"), "directory incomplete: team B failed"),
        (
            *count_gaps(FLEET_SHRANK),
            "not plausible (no owner is notified and nothing is called fixed until this has lasted a day): "
            + FLEET_SHRANK,
        ),
    ],
)
def test_the_administrator_reads_what_is_missing_and_why_and_what_to_do(gap: Gap, expected: str) -> None:
    assert alarm_lines([gap]) == [expected]


def test_unread_targets_are_grouped_by_reason() -> None:
    slow = [unread_gap(Target(OWN_ACCOUNT, region), UnreadReason.TIMED_OUT) for region in ("eu-west-3", "ap-south-1")]
    assert unread_names([*slow, DENIED], 1) == "sa-east-1 (access denied); ap-south-1, eu-west-3 (timed out)"


def test_very_many_unread_regions_are_cut_and_the_rest_is_counted() -> None:
    names = unread_names(
        [unread_gap(Target(f"{number:012}", "eu-west-1"), UnreadReason.FAILED) for number in range(25)], 25
    )
    assert names.count("/eu-west-1") == 20
    assert names.endswith(", 5 more (failed)")


@pytest.mark.parametrize("count", [1, 20])
def test_up_to_twenty_unread_regions_are_all_named(count: int) -> None:
    gaps = [unread_gap(Target(f"{number:012}", "eu-west-1"), UnreadReason.FAILED) for number in range(count)]
    assert "more" not in unread_names(gaps, count)


@pytest.mark.parametrize(
    ("account", "expected"),
    [(OTHER_ACCOUNT, f"account {OTHER_ACCOUNT}"), ("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x")],
)
def test_an_account_that_could_not_be_entered_is_named_as_a_whole(account: str, expected: str) -> None:
    gap = unread_gap(Target(account, ALL_REGIONS), UnreadReason.ROLE_REFUSED)
    assert unread_names([gap], 1) == f"{expected} (role not assumable)"


def test_whole_accounts_that_are_unread_for_one_reason_share_a_line_with_at_most_20_names() -> None:
    gaps = [
        unread_gap(Target(f"{number:012}", ALL_REGIONS), UnreadReason.NO_CREDENTIALS, "no login", "log in")
        for number in range(23)
    ]
    (line,) = alarm_lines(gaps)
    assert line.startswith("not read: 000000000000, 000000000001, ")
    assert line.endswith("000000000019, 3 more, every region (no credentials); no login; log in")


def test_accounts_and_regions_that_are_unread_for_other_reasons_have_lines_of_their_own() -> None:
    gaps = [
        unread_gap(Target("1", ALL_REGIONS), UnreadReason.NO_CREDENTIALS, "no login", "log in"),
        unread_gap(Target("2", ALL_REGIONS), UnreadReason.ROLE_REFUSED, "no", "trust"),
        unread_gap(Target("3", "eu-west-1"), UnreadReason.ACCESS_DENIED, "no", "allow"),
        unread_gap(Target("3", "eu-west-2"), UnreadReason.ACCESS_DENIED, "no", "allow"),
    ]
    assert [line.partition(" (")[0] for line in alarm_lines(gaps)] == [
        "not read: 1 every region",
        "not read: 2 every region",
        "not read: 3 eu-west-1",
        "not read: 3 eu-west-2",
    ]
