"""The real bot on the page: commands, shared reports, digests and direct messages over several days."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from bailiff_bot.sandbox.aws.fleet import ALLOWED_REGIONS, FLEET, LONG_UNICODE_NAME
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import ALWAYS_RESCAN, Sandbox
from tests.acceptance.window import Window, Windows
from tests.quick import COMMAND

INJECTED = "<img src=x onerror=alert(1)>"
HOSTILE = InstanceFixture(key="injected", name=INJECTED, since_start=timedelta(days=90), expected_table="owned")
REGIONS = {"BAILIFF_REGIONS": ",".join((*ALLOWED_REGIONS, "ap-southeast-2", "sa-east-1"))}
"""The regions of the seeded fleet. The other 24 are empty; not to read them saves time."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox((*FLEET, HOSTILE), settings={**ALWAYS_RESCAN, **REGIONS}, command=COMMAND) as running:
        running.start_bot()
        yield running


@pytest.fixture
def window(windows: Windows, sandbox: Sandbox) -> Window:
    return windows.open(sandbox.slack.url, "bill", "C0COSTS001")


def column(table: Locator, number: int) -> list[str]:
    return [row.locator("th, td").nth(number).inner_text() for row in table.locator("tbody tr").all()]


def latest_digest(window: Window) -> Locator:
    return window.message("Every table and a CSV are in the thread.")


def test_a_report_can_be_requested_and_shared(window: Window, windows: Windows) -> None:
    ada = windows.open(window.url, "ada", "C0COSTS001")
    window.send("/bailiff report")
    answer = window.message("Share in channel")
    expect(answer).to_contain_text("instances break a rule")
    expect(answer).to_contain_text("Only visible to you")
    answer.get_by_role("button", name="Share in channel").click()
    expect(ada.message("Shared by Billie Ledger.")).to_be_visible()
    expect(window.message("Shared in this channel.")).to_contain_text("(edited)")
    expect(ada.page.get_by_text("Shared in this channel.")).to_have_count(0)


def test_a_table_of_the_full_report_can_be_sorted(window: Window) -> None:
    window.send("/bailiff report")
    window.message("Share in channel").get_by_role("button", name="Full report").click()
    window.go("Bailiff")
    window.open_thread(latest_digest(window))
    message = window.replies.filter(has_text="Stopped for 15 days or more")
    table = message.get_by_role("table", name=re.compile("^Stopped for 15 days"))
    names = [cell.inner_text().strip() for cell in table.get_by_role("columnheader").all()]
    start_column = next(index for index, name in enumerate(names) if name.startswith("Started"))
    unsorted = column(table, start_column)
    assert unsorted != sorted(unsorted)
    heading = table.get_by_role("columnheader").nth(start_column)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert column(table, start_column) == sorted(unsorted)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert column(table, start_column) == sorted(unsorted, reverse=True)


def test_a_digest_notifies_an_owner_in_a_direct_message(window: Window) -> None:
    command_output = window.send_digest()
    expect(command_output).to_contain_text("3 of 3")
    expect(latest_digest(window)).to_be_visible()
    window.become("hector")
    expect(window.place("Bailiff")).to_contain_text("new")
    window.go("Bailiff")
    expect(window.message("of your instances need attention")).to_contain_text("hro-master-1")
    expect(window.place("Bailiff")).not_to_contain_text("new")


def test_one_day_later_the_fleet_is_a_day_older(window: Window) -> None:
    window.send_digest()
    expect(latest_digest(window)).to_contain_text(re.compile("prod-db .*running for 500 days"))
    window.developer().get_by_role("button", name="One day later").click()
    expect(window.page.locator("#announcer")).to_have_text("It is one day later.")
    window.send_digest()
    expect(latest_digest(window)).to_contain_text(re.compile("prod-db .*running for 501 days"))
    expect(window.page.locator("#messages").get_by_role("separator").last).to_have_text("Today")
    expect(window.page.locator("#messages").get_by_role("separator").filter(has_text="Yesterday")).to_be_visible()


def test_a_region_that_cannot_be_read_is_named_in_the_coverage(window: Window, sandbox: Sandbox) -> None:
    panel = window.developer()
    panel.locator("summary", has_text="Regions").click()
    panel.get_by_label("111122223333/us-east-1").uncheck()
    window.send_digest()
    expect(latest_digest(window)).to_contain_text("111122223333/us-east-1 (access denied)")
    panel.get_by_label("111122223333/us-east-1").check()
    window.send_digest()
    expect(latest_digest(window)).not_to_contain_text("us-east-1 (access denied)")
    assert sandbox.aws.instances()


def test_hostile_names_are_shown_as_text(window: Window) -> None:
    window.send_digest()
    window.open_thread(latest_digest(window))
    for name in (INJECTED, "agr-<!channel>", "hro <https://evil.example|click>", LONG_UNICODE_NAME.strip()):
        for search in window.replies.get_by_role("searchbox").all():
            search.fill(name[:8])
        expect(window.replies.locator(".data-table tbody").get_by_text(name, exact=True)).to_be_visible()
    assert window.page.locator("#app img:not([src^='/page/'])").count() == 0
    assert window.page.locator("[onerror], #app script, #app iframe").count() == 0
    assert window.page.locator(".mention", has_text="channel").count() == 0
    links = [link.get_attribute("href") or "" for link in window.page.locator("#replies a").all()]
    assert not [link for link in links if "evil.example" in link]


def test_the_csv_can_be_previewed_and_downloaded(window: Window) -> None:
    window.send_digest()
    window.open_thread(latest_digest(window))
    file = window.replies.locator(".file")
    file.get_by_text("Preview").click()
    expect(file.get_by_role("columnheader").first).to_be_visible()
    with window.page.expect_download() as download:
        file.get_by_role("button", name=re.compile("^Download bailiff-")).click()
    assert download.value.suggested_filename.endswith(".csv")


def test_the_bot_sees_a_renamed_instance(window: Window) -> None:
    panel = window.developer()
    panel.locator("summary", has_text="Instances").click()
    panel.get_by_label("Filter the instances").fill("prod-db")
    panel.get_by_role("button", name="Rename prod-db").click()
    panel.get_by_label("New name of prod-db").fill("agr-database")
    panel.get_by_label("New name of prod-db").press("Enter")
    panel.get_by_label("Filter the instances").fill("agr-database")
    expect(panel.get_by_role("button", name="Stop agr-database")).to_be_visible()
    window.send_digest()
    expect(latest_digest(window)).not_to_contain_text("prod-db")
    panel.get_by_role("button", name="Delete agr-database").click()
    expect(panel.get_by_role("button", name="Delete agr-database")).to_have_count(0)


def test_the_bot_publishes_the_home_tab(window: Window) -> None:
    window.become("ada")
    window.go("Bailiff Home")
    expect(window.page.get_by_role("heading", name=re.compile("AGR.*instances break a rule"))).to_be_visible()


def test_why_is_in_the_menu_beside_an_instance_and_opens_a_modal(window: Window) -> None:
    window.become("ada")
    window.send("/bailiff mine")
    answer = window.message("Keep all")
    answer.get_by_role("button", name="More actions").first.click()
    answer.get_by_role("menuitem", name="Why?").click()
    dialog = window.page.get_by_role("dialog", name="Why?")
    expect(dialog).to_contain_text("Next, if nothing changes:")
    expect(dialog).to_contain_text("Rules:")
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_all_of_ones_instances_are_kept_with_one_modal(window: Window) -> None:
    window.become("ada")
    window.go("Bailiff Home")
    home = window.page.locator("#home")
    expect(home.get_by_role("button", name="Keep all 5")).to_be_visible()
    home.get_by_role("button", name="Keep all 5").click()
    dialog = window.page.get_by_role("dialog", name="Keep for a while")
    expect(dialog).to_contain_text("These 5 instances are not reported")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_contain_text("5 of 5 instances kept.")
    expect(home).to_contain_text("Your exemptions")
    expect(home.get_by_role("button", name="Undo")).to_have_count(5)
