"""Statements that must not keep anybody waiting: they are given so long, and no longer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled

SHORTEST_S = 0.02


class TooSlow(Exception):
    """It takes longer than a page can wait."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Each statement inside may take so long. TooSlow leaves the transaction around it usable."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = _limit(cursor, f"{max(seconds, SHORTEST_S) * 1000:.0f}ms")
            yield
            _limit(cursor, before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def _limit(cursor: object, limit: str) -> str:
    cursor.execute(  # type: ignore[attr-defined]
        "select current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [limit]
    )
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]
