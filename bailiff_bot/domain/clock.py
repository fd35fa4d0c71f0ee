"""The clock that every part of the program gets as an argument."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the current time, aware and in UTC."""
