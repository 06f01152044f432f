"""A claim is a transaction: who dies gives it back at once, and who only stops must not keep it either."""

from django.db import InterfaceError, InternalError, OperationalError
from django.db.backends.utils import CursorWrapper

IDLE_S = 15
"""Between two statements of a claim lie milliseconds. A worker that says nothing for so long was stopped or swapped
out; what it holds is taken from it, and what it does later fails."""
GIVEN_BACK = (OperationalError, InterfaceError, InternalError)
"""How a lost connection, a deadlock and a claim that was taken away show themselves."""


def give_back_when_idle(cursor: CursorWrapper) -> None:
    cursor.execute("select set_config('idle_in_transaction_session_timeout', %s, true)", [f"{IDLE_S}s"])
