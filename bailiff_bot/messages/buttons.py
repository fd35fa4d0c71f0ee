"""The buttons that several messages have."""

from bailiff_bot.domain.report_filter import ReportQuery
from bailiff_bot.messages.document import Button

SHARE = "bailiff_share"
"""The key of the button that posts the summary into the channel of the request."""
FULL_REPORT = "bailiff_full_report"
"""The key of the button that sends every table and the CSV to the person who clicks."""
KEEP, UNDO = "bailiff_keep", "bailiff_undo"
"""The keys of the buttons that keep an instance for a while, and that undo it. The value is the key of an offer."""
ASSIGN = "bailiff_assign"
"""The key of the button with which triage remembers an owner. The value is the key of an offer."""
END = "bailiff_end"
"""The key of the button that ends an exemption. The value is the key of an offer."""
_LINK = "bailiff_link"
"""The key of a button that opens an address. A click does nothing else."""


def share_button(query: ReportQuery) -> Button:
    """Return the button that posts the summary of what somebody asked for into the channel."""
    return Button(SHARE, "Share in channel", query.text, primary=True)


def full_report_button(query: ReportQuery) -> Button:
    """Return the button that sends the full report of what somebody asked for."""
    return Button(FULL_REPORT, "Full report", query.text)


def keep_button(offer_key: str) -> Button:
    """Return the button that keeps an instance for a while."""
    return Button(KEEP, "Keep", offer_key)


def undo_button(offer_key: str) -> Button:
    """Return the button that undoes what was just done."""
    return Button(UNDO, "Undo", offer_key)


def assign_button(offer_key: str) -> Button:
    """Return the button with which an administrator assigns an instance to somebody."""
    return Button(ASSIGN, "Assign to...", offer_key)


def end_button(offer_key: str) -> Button:
    """Return the button that ends an exemption."""
    return Button(END, "End", offer_key)


def link_button(text: str, url: str) -> Button:
    """Return the button that opens an address."""
    return Button(_LINK, text, "link", url=url)


def show_all_button(home_url: str) -> Button | None:
    """Return the button that opens the Home tab; None if its address is not known."""
    return link_button("Show all", home_url) if home_url else None
