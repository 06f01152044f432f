"""Which profile each group is: as few people as possible change their id, and those that come back get theirs back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from identity.grouping import RecordKey

NEW = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A record and the profile that has it; a new record has none."""

    record: int
    key: RecordKey
    first_at: datetime
    last_at: datetime
    profile: int = NEW
    home: int = NEW
    """The profile made for it, or the one it joined when it came."""

    @property
    def age(self) -> tuple[datetime, RecordKey]:
        return self.first_at, self.key

    @property
    def is_known(self) -> bool:
        """Whether its source knows the person by an id of its own, not only a browser."""
        return not self.key[1].startswith("anon:")


@dataclass(frozen=True, slots=True)
class Assigned:
    """`profile_of` has one entry per group, NEW where it needs a new profile; `heirs` maps each profile that is no
    longer anybody's to the group that has its records."""

    profile_of: list[int]
    heirs: dict[int, int]


def assign(groups: Sequence[Sequence[int]], held: Mapping[int, Held], *, resting: Iterable[int]) -> Assigned:
    """`held` has all records of the profiles concerned. `resting` profiles were merged away and may come back.

    A profile stays with its own records, those a source knows before anonymous ones, the earliest first. Of several
    living profiles in one group the earliest survives.
    """
    of = {record: i for i, group in enumerate(groups) for record in group}
    living: dict[int, list[Held]] = {}
    asleep: dict[int, list[Held]] = {profile: [] for profile in resting}
    for one in held.values():
        if one.profile:
            living.setdefault(one.profile, []).append(one)
        if one.home in asleep:
            asleep[one.home].append(one)
    owned: dict[int, list[tuple[bool, tuple[datetime, RecordKey], int]]] = {}
    owner: dict[int, int] = {}
    for profile, records in living.items():
        founder = min(records, key=lambda one: (one.home != profile, not one.is_known, one.age))
        owner[profile] = of[founder.record]
        owned.setdefault(of[founder.record], []).append((False, min(one.age for one in records), profile))
    for profile, records in asleep.items():
        if records:
            founder = min(records, key=lambda one: (not one.is_known, one.age))
            owner[profile] = of[founder.record]
            owned.setdefault(of[founder.record], []).append((True, founder.age, profile))
    profile_of = [min(owned[i])[2] if i in owned else NEW for i in range(len(groups))]
    chosen = set(profile_of)
    return Assigned(profile_of, {profile: group for profile, group in owner.items() if profile not in chosen})
