"""Django empties only the tables it made; a transactional test must empty the others itself."""

from django.apps import apps
from django.db import connection


def empty_unmanaged_tables() -> None:
    tables = ", ".join(model._meta.db_table for model in apps.get_models() if not model._meta.managed)
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {tables}")
