"""Records that come in are compared with those that are there: linked, asked about, or left alone."""

from typing import Any

import pytest

from identity import waiting
from identity.incremental import Resolved, resolve_waiting
from tests.taking_in import NOW, identify, rows, take_in

ADA = {
    "firstName": "Ada",
    "lastName": "Quillfeather",
    "birthday": "1979-03-14",
    "phone": "+44 20 7946 0018",
    "address": {"street": "12 Mill Road", "city": "Ely", "postalCode": "CB7 4AA"},
}
ADA_ELSEWHERE = {**ADA, "firstName": "Ada M.", "birthday": "14.3.1979", "phone": "020 7946 0018", "company": "Analytics"}
BOB = {**ADA, "firstName": "Bob", "birthday": "1981-11-02", "phone": "+44 20 7946 9999"}
pytestmark = pytest.mark.django_db


def comes(user: str, traits: dict[str, Any], *, of: str = "web") -> Resolved:
    take_in([identify(user, traits=traits)], of=of)
    return resolve_waiting(now=NOW)


def profiles() -> list[list[str]]:
    """Keys of the records of each profile."""
    return [row[0] for row in rows("select array_agg(key order by key) from profiles_record group by profile_id order by 1")]


def states() -> list[tuple[Any, ...]]:
    return rows("select state from identity_candidate order by 1")
