"""How many workers send at a time: a large campaign leaves others free for events and segments."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection

MARK = "tributary sending"
"""What the session of a worker is called while it sends. Who dies takes it along: no lock is left behind."""
OTHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and application_name = %s and (state = 'active' or state_change > clock_timestamp() - make_interval(secs => %s))"
)


@contextmanager
def place(*, most: int, silence: timedelta) -> Iterator[bool]:
    """Whether there is one for this worker. Who was silent for so long was stopped, and counts no more. Two that ask at
    the same moment both get it: for a turn there is one more."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, [MARK, silence.total_seconds()])
        is_free: bool = cursor.fetchone()[0] < most
        if is_free:
            cursor.execute("select set_config('application_name', %s, false)", [MARK])
    try:
        yield is_free
    finally:
        if is_free:
            with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:  # a lost one has no mark
                cursor.execute("reset application_name")
