"""Saves what a window shows as a picture of the documentation."""

from pathlib import Path

from tests.acceptance.window import Window

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def resize(window: Window, width: int, height: int) -> None:
    """Set the size of a window, in CSS pixels."""
    window.page.set_viewport_size({"width": width, "height": height})


def save_screenshot(window: Window, name: str) -> None:
    """Save what a window shows, without mouse hover and focus."""
    window.page.mouse.move(0, 0)
    window.page.evaluate("document.activeElement.blur()")
    window.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
