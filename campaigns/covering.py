"""As whom a mail is made so that every branch of it is seen once, in as few mails as that takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.content.compose import Press, chosen_by
from campaigns.content.splits import Split
from campaigns.content.wanted import choices, reached
from campaigns.preview_people import Audience, leading_to, path_to
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from cdp.rules.tree import AllOf

FEW = 1_000
"""People looked at for the branches they get."""
MOST_LOOKED_FOR = 10
"""Branches that nobody of those gets, and for which somebody is looked for among all."""
MOST_WAYS = 20
LONGEST_NOTE = 200
Pair = tuple[str, int]
"""A split by its key, and the number of one of its branches."""


class NobodyYet(Exception):
    """There is nobody yet whom a mail could be made for. Let some people in first."""


@dataclass(frozen=True)
class Way:
    """A mail made as this person, with some branches forced where nobody gets them."""

    profile_id: int
    note: str
    forced: Mapping[str, int] = field(default_factory=dict)


def as_person(press: Press, audience: Audience, profile: Profile | None, *, now: datetime) -> Way:
    if profile is None:
        raise NobodyYet(str(NobodyYet.__doc__))
    taken = _taken(press, [profile.pk], now=now)[profile.pk]
    return _way(press, profile.pk, taken, frozenset(), {})


def covering(press: Press, audience: Audience, *, now: datetime) -> list[Way]:
    """People who really get the branches come first; what nobody gets is forced on somebody, and said so."""
    few = list(audience.people().order_by("pk").values_list("pk", flat=True)[:FEW])
    if not few:
        raise NobodyYet(str(NobodyYet.__doc__))
    taken = _taken(press, few, now=now)
    left = {(split.key, number) for split in press.compiled.splits for number in range(len(split.branches))}
    ways = _by_people(press, taken, left) or [_way(press, few[0], taken[few[0]], frozenset(), {})]
    for pk in _looked_for(press, audience, left, now=now):
        taken |= _taken(press, [pk], now=now)
        ways += _by_people(press, {pk: taken[pk]}, left)
    return [*ways, *_forced(press, few[0], left, now=now)][:MOST_WAYS]


def _taken(press: Press, ids: Sequence[int], *, now: datetime) -> dict[int, frozenset[Pair]]:
    splits = press.compiled.splits
    return {
        who: frozenset(reached(splits, choices(splits, holds=choice.holds)).items())
        for who, choice in chosen_by(press, ids, now=now).items()
    }


def _by_people(press: Press, taken: Mapping[int, frozenset[Pair]], left: set[Pair]) -> list[Way]:
    """Whoever gets most of what is left, again and again. Takes out of `left` what is covered."""
    first: dict[frozenset[Pair], int] = {}
    for who, pairs in taken.items():
        first.setdefault(pairs, who)
    ways = []
    while left:
        pairs, who = max(first.items(), key=lambda one: len(one[0] & left))
        new = pairs & left
        if not new:
            break
        left -= new
        ways.append(_way(press, who, pairs, new, {}))
    return ways


def _looked_for(press: Press, audience: Audience, left: set[Pair], *, now: datetime) -> Iterable[int]:
    """For each branch left, somebody who gets it, if there is one and the search ends in time."""
    for key, number in sorted(left)[:MOST_LOOKED_FOR]:
        if (key, number) in left:
            paths = [
                path_to([press.compiled.rules[rule] for rule in _split(press, at).rules], branch)
                for at, branch in (*_split(press, key).inside, (key, number))
            ]
            found = leading_to(audience, AllOf(tuple(paths)), now=now, zone=press.about.zone)
            if found.people:
                yield found.people[0].profile_id
            elif not found.is_sure:
                return


def _forced(press: Press, who: int, left: set[Pair], *, now: datetime) -> list[Way]:
    """As many of what is left in one mail as go together."""
    splits, ways = press.compiled.splits, []
    holds = chosen_by(press, [who], now=now)[who].holds
    while left:
        forced: dict[str, int] = {}
        for key, number in sorted(left):
            needed = {**dict(_split(press, key).inside), key: number}
            if all(forced.get(at, branch) == branch for at, branch in needed.items()):
                forced |= needed
        pairs = frozenset(reached(splits, choices(splits, holds=holds, forced=forced)).items())
        ways.append(_way(press, who, pairs, pairs & left, forced))
        left -= pairs
    return ways


def _way(press: Press, who: int, pairs: frozenset[Pair], new: frozenset[Pair], forced: Mapping[str, int]) -> Way:
    """The note names the person, and of the branches first those that are seen here for the first time."""
    person = people([who]).get(who)
    said = sorted(pairs, key=lambda pair: pair not in new)
    parts = [_said(_split(press, key), number, is_forced=key in forced) for key, number in said]
    note = f"As {person.name if person else 'somebody'}" + (": " + "; ".join(parts) if parts else "")
    return Way(who, note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 1] + "…", forced)


def _said(split: Split, number: int, *, is_forced: bool) -> str:
    return f"{split.label} → {split.branches[number]}" + (" (forced: nobody gets it)" if is_forced else "")


def _split(press: Press, key: str) -> Split:
    return next(split for split in press.compiled.splits if split.key == key)
