"""The error messages of a database, each checked to be one line without the password."""

import traceback

import pytest

from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.builders import plan, reply

PASSWORD = "hunter2"


def checked_message(caught: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the error message. Fails if it is not one line, or if the traceback contains the password."""
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    return message


def open_error(address: str) -> str:
    with pytest.raises(StoreError) as caught:
        store_at(address).open()
    return checked_message(caught)


def write_error(store: Store, number: int = 0, size: int = 1) -> str:
    """Return the error message of a plan that cannot be saved."""
    with pytest.raises(StoreError) as caught:
        store.deliveries.save_plan(plan(number, *(reply(part) for part in range(size))))
    return checked_message(caught)
