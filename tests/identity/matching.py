"""People through the real pipeline into matching, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from cdp.common.models import Job
from identity import full_pass, rule_sets
from identity.incremental import Resolved, resolve_waiting
from identity.models import RuleSet
from identity.rules import DEFAULTS, Fuzzy, Rules, to_json
from tests.identity.made_people import Made
from tests.taking_in import NOW, identify, rows, take_in

ADA: Mapping[str, Any] = {
    "firstName": "Ada",
    "lastName": "Quillfeather",
    "birthday": "1979-03-14",
    "phone": "+44 20 7946 0018",
    "address": {"street": "12 Mill Road", "city": "Ely", "postalCode": "CB7 4AA", "country": "GB"},
}
ADA_AGAIN = {**ADA, "firstName": "Ada M.", "birthday": "14.3.1979", "phone": "020 7946 0019", "company": "Analytics"}
BOB = {**ADA, "firstName": "Bob", "birthday": "1981-11-02", "phone": "+44 20 7946 9999"}


def comes(device: str, traits: Mapping[str, Any], *, of: str = "web", user: str = "") -> Resolved:
    """Someone known by a device alone, unless `user` says who: user ids are hard, and two of them never become one."""
    take_in([identify(user, anonymousId=device, traits=dict(traits))], of=of)
    return resolve_waiting(now=NOW)


def profiles() -> list[list[str]]:
    """Keys of the records of each profile."""
    found = rows("select array_agg(key order by key) from profiles_record group by profile_id order by 1")
    return [keys for (keys,) in found]


def candidates() -> dict[tuple[str, str], str]:
    """Keys of both records → state."""
    found = rows(
        "select a.key, b.key, c.state from identity_candidate c join profiles_record a on a.id = c.record_a"
        " join profiles_record b on b.id = c.record_b"
    )
    return {(min(one, other), max(one, other)): state for one, other, state in found}


def match_everybody() -> Job:
    job = full_pass.start_full_pass(None, now=NOW)
    full_pass.run(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    return job


def apply_rules(fuzzy: Fuzzy) -> Rules:
    rules = Rules(fuzzy=fuzzy, namespaces=DEFAULTS.namespaces)
    RuleSet.objects.create(rules=to_json(rules), by="system", at=NOW, applied_at=NOW)
    with connection.cursor() as cursor:
        return rule_sets.current(cursor)


def traits_of(one: Made) -> dict[str, Any]:
    found = {
        "firstName": one.first,
        "lastName": one.last,
        "birthday": one.born,
        "email": one.email,
        "phone": one.phone,
        "address": {"street": f"{one.number} {one.street}", "city": one.town, "postalCode": one.zip},
    }
    return {name: value for name, value in found.items() if value}


def take_in_all(people: Sequence[Made]) -> None:
    for start in range(0, len(people), 200):
        part = enumerate(people[start : start + 200], start=start)
        take_in([identify(anonymousId=f"d{i:05}", traits=traits_of(one)) for i, one in part])


class Undone(Exception):
    """Ends a block whose effects are not wanted."""


def undone(run: Any) -> Any:
    """What `run` returns, its effects taken back."""
    result: list[Any] = []
    try:
        with transaction.atomic():
            result.append(run())
            raise Undone
    except Undone:
        return result[0]
