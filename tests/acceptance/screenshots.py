"""Takes the pictures of the README from the page, with the real bot: `make screenshots`."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import expect, sync_playwright

from bailiff_bot.sandbox.sandbox import ALWAYS_RESCAN, WITH_ACTING, Sandbox
from tests.acceptance.acting_pictures import save_brake, save_delete, save_rename, save_stop
from tests.acceptance.answer_pictures import (
    save_direct_message,
    save_homes,
    save_keep,
    save_not_mine,
    save_triage,
    save_why,
)
from tests.acceptance.conftest import BROWSER_FLAGS, chromium
from tests.acceptance.pictures import FOLDER, resize, save_screenshot
from tests.acceptance.window import Window, Windows

TIME_ZONE = ZoneInfo("Europe/Paris")
PIXEL_RATIO = 1.25
"""Device pixels for one CSS pixel: sharp on most screens, and about 250 KB for a picture."""


def to_next_morning(sandbox: Sandbox) -> None:
    """Move all clocks to the next 9:00, so that what a message says and when it was sent agree."""
    now = datetime.now(TIME_ZONE)
    today = now.replace(hour=9, minute=0, second=0, microsecond=0)
    morning = today if now < today else today + timedelta(days=1)
    sandbox.advance_time(timedelta(seconds=(morning - now) // timedelta(seconds=1)))


def save_report(window: Window) -> None:
    """Save the picture of the report, as the user who asked sees it."""
    resize(window, 1080, 860)
    window.send("/bailiff report")
    expect(window.message("Share in channel")).to_be_visible(timeout=60_000)
    save_screenshot(window, "report")


DELETED = ("prod-db", "hro <https://evil.example|click>", "agr-1e3", "ncv-etl", "agr-gpu-training")
"""The instances that are deleted, one after each digest."""


def simulate_days(sandbox: Sandbox) -> None:
    """Send a digest on each of some days, and delete one instance after each."""
    for name in DELETED:
        sandbox.run_cli("digest")
        sandbox.aws.delete(next(instance.id for instance in sandbox.aws.instances() if instance.name == name))
        sandbox.advance_time(timedelta(days=1))


def save_digest(window: Window) -> None:
    """Save the picture of a later digest: the changes, the trend, and a table in its thread."""
    resize(window, 1440, 900)
    window.send_digest()
    window.page.get_by_role("button", name="Close the developer panel").click()
    parent = window.message("Every table and a CSV are in the thread.")
    window.open_thread(parent)
    table = window.replies.filter(has_text="No owner in the name: ").last
    table.evaluate("node => node.scrollIntoView({ block: 'start' })")
    parent.evaluate("node => node.scrollIntoView({ block: 'end' })")
    save_screenshot(window, "digest")


def save_mine(window: Window) -> None:
    """Save the picture of `/bailiff mine`."""
    resize(window, 1080, 720)
    window.go("general")
    window.send("/bailiff mine")
    expect(window.message("Full report")).to_be_visible(timeout=60_000)
    save_screenshot(window, "mine")


ANSWERS = (
    save_stop,
    save_rename,
    save_delete,
    save_brake,
    save_keep,
    save_not_mine,
    save_why,
    save_triage,
    save_homes,
)
"""What is answered after the direct message, in this order."""


def main() -> None:
    """Save all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = {**ALWAYS_RESCAN, **WITH_ACTING, "BAILIFF_TIMEZONE": TIME_ZONE.key}
    with Sandbox(settings=settings) as sandbox, sync_playwright() as playwright:
        to_next_morning(sandbox)
        sandbox.start_bot()
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        windows = Windows(browser)
        window = windows.open(
            sandbox.slack.url, "bill", "C0COSTS001", device_scale_factor=PIXEL_RATIO, timezone_id=TIME_ZONE.key
        )
        save_report(window)
        simulate_days(sandbox)
        for save in (save_digest, save_direct_message, save_mine, *ANSWERS):
            save(window)
        windows.close()
        browser.close()
    sizes = ", ".join(f"{path.name} {path.stat().st_size // 1000} KB" for path in sorted(FOLDER.glob("*.png")))
    print(f"In {FOLDER.relative_to(Path.cwd())}: {sizes}")


if __name__ == "__main__":
    main()
