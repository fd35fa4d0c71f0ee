"""The README's pictures, taken from the page with the real bot behind it: `make screenshots`."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import expect, sync_playwright

from bailiff_bot.sandbox.sandbox import ALWAYS_RESCAN, Sandbox
from tests.acceptance.conftest import FLAGS, chromium
from tests.acceptance.window import Window, Windows

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ZONE = ZoneInfo("Europe/Paris")
NINE = datetime.now(ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
"""When the pictures' day begins, whatever the time is when they are taken."""
SCALE = 1.25
"""Sharp on most screens, and a quarter of a megabyte a picture."""


def clock_from(start: datetime) -> Callable[[], float]:
    """Return a clock that shows this moment now, and goes on from there."""
    began = time.monotonic()
    return lambda: start.timestamp() + time.monotonic() - began


def size(window: Window, width: int, height: int) -> None:
    """Give a window the size at which a picture reads well."""
    window.page.set_viewport_size({"width": width, "height": height})


def take(window: Window, name: str) -> None:
    """Keep what a window shows, without the mouse's traces."""
    window.page.mouse.move(0, 0)
    window.page.evaluate("document.activeElement.blur()")
    window.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")


def report(window: Window) -> None:
    """The whole tenant, as the person who asked sees it."""
    size(window, 1080, 860)
    window.types("/bailiff report")
    expect(window.message("Share in channel")).to_be_visible(timeout=60_000)
    take(window, "report")


DELETED = ("prod-db", "hro-retired", "agr-1e3", "hro-poc", "agr-gpu-training")
"""What is deleted from one day to the next."""


def week(sandbox: Sandbox) -> None:
    """Let some days pass, with a digest on each, and with somebody who pays."""
    for name in DELETED:
        sandbox.run_cli("digest")
        sandbox.aws.delete(next(seen.id for seen in sandbox.aws.instances() if seen.name == name))
        sandbox.advance_time(timedelta(days=1))


def digest(window: Window) -> None:
    """The digest of some days later: what changed, the trend, and a table in its thread."""
    size(window, 1440, 900)
    window.sends_digest()
    window.page.get_by_role("button", name="Close the developer panel").click()
    parent = window.message("Every table and a CSV are in the thread.")
    window.opens_thread(parent)
    table = window.replies.filter(has_text="No identifier in front of the name: ").last
    table.evaluate("node => node.scrollIntoView({ block: 'start' })")
    parent.evaluate("node => node.scrollIntoView({ block: 'end' })")
    take(window, "digest")


def direct_message(window: Window) -> None:
    """What an owner is told in private."""
    size(window, 1080, 700)
    window.become("hector")
    window.go("Bailiff")
    expect(window.message("of 5 settled since")).to_be_visible()
    take(window, "direct-message")


def mine(window: Window) -> None:
    """What is one's own, and what to do about it."""
    size(window, 1080, 720)
    window.go("general")
    window.types("/bailiff mine")
    expect(window.message("Full report")).to_be_visible(timeout=60_000)
    take(window, "mine")


def main() -> None:
    """Take all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Sandbox(settings=ALWAYS_RESCAN, clock=clock_from(NINE)) as sandbox, sync_playwright() as playwright:
        sandbox.start_bot()
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        windows = Windows(browser)
        window = windows.open(sandbox.slack.url, "bill", "C0COSTS001", device_scale_factor=SCALE, timezone_id=ZONE.key)
        report(window)
        week(sandbox)
        for picture in (digest, direct_message, mine):
            picture(window)
        windows.close()
        browser.close()
    sizes = ", ".join(f"{path.name} {path.stat().st_size // 1000} KB" for path in sorted(FOLDER.glob("*.png")))
    print(f"In {FOLDER.relative_to(Path.cwd())}: {sizes}")


if __name__ == "__main__":
    main()
