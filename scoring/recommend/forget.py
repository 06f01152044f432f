"""Called inside merges, from `apps.py`: it imports nothing of the mathematics."""

from django.db import connection


def forget(profile_ids: list[int]) -> None:
    """Lists made ahead of people who became one, or were parted: the next question makes them anew."""
    with connection.cursor() as cursor:
        cursor.execute("delete from scoring_recommendation where profile_id = any(%s)", [profile_ids])
