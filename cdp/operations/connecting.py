"""A connection for one look: where Django's own could hang, or would be inherited by processes that are forked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connections


@contextmanager
def connected(*, within_s: int) -> Iterator[Any]:
    """A cursor in autocommit that gives up by itself; closed afterwards."""
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    limit = {"connect_timeout": within_s, "options": f"-c statement_timeout={1000 * within_s} -c lock_timeout=500"}
    connection = psycopg2.connect(**{**parameters, "application_name": "operations", **limit})
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
