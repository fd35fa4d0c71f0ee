"""The buttons that several messages have."""

from bailiff_bot.domain.report_filter import ReportQuery
from bailiff_bot.messages.document import Button

SHARE = "bailiff_share"
"""The key of the button that posts the summary into the channel of the request."""
FULL_REPORT = "bailiff_full_report"
"""The key of the button that sends every table and the CSV to the person who clicks."""


def share_button(query: ReportQuery) -> Button:
    """Return the button that posts the summary of what somebody asked for into the channel."""
    return Button(SHARE, "Share in channel", query.text, primary=True)


def full_report_button(query: ReportQuery) -> Button:
    """Return the button that sends the full report of what somebody asked for."""
    return Button(FULL_REPORT, "Full report", query.text)
