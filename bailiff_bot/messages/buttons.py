"""The buttons that several messages have."""

from bailiff_bot.messages.document import Button

SHARE = "bailiff_share"
"""The key of the button that posts the summary into the channel of the request."""
FULL_REPORT = "bailiff_full_report"
"""The key of the button that sends every table and the CSV to the person who clicks.

The button's value is an identifier or an address, or `ALL_OWNERS`.
"""
ALL_OWNERS = "everyone"


def share_button() -> Button:
    """Return the button that posts the summary into the channel."""
    return Button(SHARE, "Share in channel", ALL_OWNERS, primary=True)


def full_report_button(owner_key: str = ALL_OWNERS) -> Button:
    """Return the button that sends the full report: everyone's, or that of an identifier or an address."""
    return Button(FULL_REPORT, "Full report", owner_key)
