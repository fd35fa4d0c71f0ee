"""The buttons that several messages have."""

from bailiff_bot.domain.report_filter import ReportQuery
from bailiff_bot.messages.document import Button

SHARE = "bailiff_share"
"""The key of the button that posts the summary into the channel of the request."""
FULL_REPORT = "bailiff_full_report"
"""The key of the button that sends every table and the CSV to the person who clicks."""
KEEP_ALL = "bailiff_keep_all"
"""The key of the button that keeps all instances of a rendering. The value is the key of one of its offers."""
KEEP, UNDO = "bailiff_keep", "bailiff_undo"
"""The keys of the buttons that keep an instance for a while, and that undo it. The value is the key of an offer."""
ASSIGN = "bailiff_assign"
"""The key of the button with which triage remembers an owner. The value is the key of an offer."""
NOT_MINE = "bailiff_not_mine"
"""The key of the button with which an owner says that an instance is not theirs. The value is the key of an offer."""
WHY = "bailiff_why"
"""The key of the button that explains an instance. The value is the key of an offer."""
HOME_PREVIOUS, HOME_NEXT = "bailiff_home_previous", "bailiff_home_next"
"""The keys of the buttons that turn the pages of the Home tab. The value is the number of the page."""
END = "bailiff_end"
"""The key of the button that ends an exemption. The value is the key of an offer."""
END_DELEGATION, END_LISTED_DELEGATION = "bailiff_end_delegation", "bailiff_end_listed_delegation"
"""The keys of the buttons that end a delegation: on the message about it, and in a list. The value is its id."""
STOP, RENAME, DELETE = "bailiff_stop", "bailiff_rename", "bailiff_delete"
"""The keys of the buttons that change an instance in AWS. The value is the key of an offer."""
STOP_ALL = "bailiff_stop_all"
"""The key of the button that stops the running instances of a rendering. The value is the key of one of its offers."""
CANCEL_DELETION = "bailiff_cancel_deletion"
"""The key of the button that cancels a deletion that waits. The value is the key of an offer."""
LINK = "bailiff_link"
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


def not_mine_button(offer_key: str) -> Button:
    """Return the button with which an owner says that an instance is not theirs."""
    return Button(NOT_MINE, "Not mine", offer_key)


def keep_all_button(offer_key: str, count: int) -> Button:
    """Return the button that keeps all `count` instances of a rendering for a while."""
    return Button(KEEP_ALL, f"Keep all {count}", offer_key)


def stop_button(offer_key: str, *, primary: bool = False) -> Button:
    """Return the button that stops an instance."""
    return Button(STOP, "Stop", offer_key, primary=primary)


def rename_button(offer_key: str, *, primary: bool = False) -> Button:
    """Return the button that gives an instance another name."""
    return Button(RENAME, "Rename", offer_key, primary=primary)


def delete_button(offer_key: str) -> Button:
    """Return the button that asks for the deletion of an instance."""
    return Button(DELETE, "Delete", offer_key, danger=True)


def stop_all_button(offer_key: str, count: int) -> Button:
    """Return the button that stops the `count` running instances of a rendering."""
    return Button(STOP_ALL, f"Stop all {count}", offer_key)


def cancel_deletion_button(offer_key: str) -> Button:
    """Return the button that cancels a deletion that waits."""
    return Button(CANCEL_DELETION, "Cancel the deletion", offer_key)


def undo_button(offer_key: str) -> Button:
    """Return the button that undoes what was just done."""
    return Button(UNDO, "Undo", offer_key)


def assign_button(offer_key: str) -> Button:
    """Return the button with which an administrator assigns an instance to somebody."""
    return Button(ASSIGN, "Assign to...", offer_key)


def why_button(offer_key: str) -> Button:
    """Return the button that explains an instance."""
    return Button(WHY, "Why?", offer_key)


def previous_page_button(number: int) -> Button:
    """Return the button that shows the page before, which has this number."""
    return Button(HOME_PREVIOUS, "Previous", str(number))


def next_page_button(number: int) -> Button:
    """Return the button that shows the page after, which has this number."""
    return Button(HOME_NEXT, "Next", str(number))


def end_button(offer_key: str) -> Button:
    """Return the button that ends an exemption."""
    return Button(END, "End", offer_key)


def end_delegation_button(delegation_id: str) -> Button:
    """Return the button that ends a delegation, on the message about it."""
    return Button(END_DELEGATION, "End", delegation_id)


def end_listed_delegation_button(delegation_id: str) -> Button:
    """Return the button that ends a delegation, in a list of delegations."""
    return Button(END_LISTED_DELEGATION, "End", delegation_id)


def link_button(text: str, url: str) -> Button:
    """Return the button that opens an address."""
    return Button(LINK, text, "link", url=url)


def show_all_button(home_url: str) -> Button | None:
    """Return the button that opens the Home tab; None if its address is not known."""
    return link_button("Show all", home_url) if home_url else None
