"""Writes down what this process counted, as its thread or worker would."""

from datetime import datetime

from django.db import connection

from cdp.operations import keeping


def written(*, now: datetime) -> None:
    with connection.cursor() as cursor:
        keeping.write(cursor, now=now)
