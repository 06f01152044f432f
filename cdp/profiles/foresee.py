"""What a change of rule would do, on the data as it is: how many people, and some of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any
from uuid import UUID

from django.db import connection

from cdp.common.copying import Cursor
from cdp.common.estimate import table_size
from cdp.profiles.apply import records_of
from cdp.profiles.change_rule import Change, rules_now
from cdp.profiles.models import Profile
from cdp.profiles.naming import name_of
from cdp.profiles.rules import made_of
from cdp.profiles.survivorship import EVERY, Rules, survivors

BLOCK = 1_000
EXAMPLES = 20


@dataclass(frozen=True)
class Difference:
    """A trait of a person that would change."""

    uuid: UUID
    name: str
    trait: str
    old: Any
    new: Any


@dataclass
class Foreseen:
    """`changed` of the `looked_at` people would change; there are `people`, about as many where that is unclear."""

    people: int
    looked_at: int = 0
    changed: int = 0
    by_trait: dict[str, int] = field(default_factory=dict)
    examples: list[Difference] = field(default_factory=list)
    is_exact: bool = False

    @property
    def estimate(self) -> int:
        """How many people would change in all."""
        if self.is_exact or not self.looked_at:
            return self.changed
        return round(self.changed * self.people / self.looked_at)

    def look(self, profile: Profile, after: dict[str, Any], names: Callable[[str], bool]) -> None:
        self.looked_at += 1
        wanted = sorted(name for name in profile.traits.keys() | after.keys() if names(name))
        differing = [name for name in wanted if profile.traits.get(name) != after.get(name)]
        self.changed += bool(differing)
        for name in differing:
            self.by_trait[name] = self.by_trait.get(name, 0) + 1
            if len(self.examples) < EXAMPLES:
                old, new = profile.traits.get(name), after.get(name)
                called = name_of(profile.traits, profile.uuid)
                self.examples.append(Difference(profile.uuid, called, name, old, new))


def foresee(change: Change, *, is_time_up: Callable[[], bool]) -> Foreseen:
    """Looks at people in blocks from all over the table until all were seen or the time is up."""
    change.check()
    before = rules_now()
    found = Foreseen(table_size("profiles_profile", where="merged_into is null", without="profile_by_winner").n)
    own = before.keys() - {EVERY}

    def names(name: str) -> bool:
        return name not in own if change.trait == EVERY else name == change.trait

    with connection.cursor() as cursor:
        rules = made_of(cursor, change.applied_to(before))
        for first in blocks(cursor):
            _look_at(cursor, first, rules, found, names)
            if is_time_up():
                return found
    found.is_exact, found.people = True, found.looked_at
    return found


def _look_at(cursor: Cursor, first: int, rules: Rules, found: Foreseen, names: Callable[[str], bool]) -> None:
    living = Profile.objects.filter(merged_into=None, pk__gte=first, pk__lt=first + BLOCK).order_by("pk")
    profiles: Sequence[Profile] = list(living.only("uuid", "traits"))
    records = records_of(cursor, [profile.pk for profile in profiles])
    for profile in profiles:
        after = {name: winner.value for name, winner in survivors(records[profile.pk], rules).items()}
        found.look(profile, after, names)


def blocks(cursor: Cursor) -> Iterator[int]:
    """The first id of each block, in an order that leaps: the first few are a fair sample of old and new people."""
    cursor.execute("select coalesce(max(id), 0) from profiles_profile")
    n = cursor.fetchone()[0] // BLOCK + 1
    leap = max(1, round(n * 0.618))
    while gcd(leap, n) != 1:
        leap += 1
    for turn in range(n):
        yield turn * leap % n * BLOCK
