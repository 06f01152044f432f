"""What a merge or a split would change, told from a trial of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cdp.common.templatetags.look import said
from cdp.profiles.naming import name_of
from identity.effects import Facts, Trial

LONGEST = 200


@dataclass(frozen=True)
class Effect:
    """Of one kind (segments, campaigns, consent): what stays, what is entered, what is left."""

    label: str
    stays: list[str]
    enters: list[str]
    leaves: list[str]


@dataclass(frozen=True)
class Won:
    """A trait with the word that wins and those that lose."""

    name: str
    value: str
    loses: list[str]


@dataclass(frozen=True)
class Becomes:
    """A person as they would be afterwards."""

    name: str
    uuid: UUID
    is_new: bool
    traits: list[tuple[str, str]]
    effects: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Told:
    won: list[Won]
    agreed: int
    effects: list[Effect]
    people: list[Becomes]
    ambiguous: list[str]


def told(trial: Trial) -> Told:
    won, agreed = _won(trial.before, trial.after)
    return Told(won, agreed, _effects(trial.before, trial.after), _people(trial), trial.outcome.ambiguous)


def _won(before: Sequence[Facts], after: Sequence[Facts]) -> tuple[list[Won], int]:
    """Traits on which the people of before disagree, as the one person of afterwards has them."""
    if len(after) != 1:
        return [], 0
    found, agreed = [], 0
    for name, value in sorted(after[0].traits.items()):
        shown = said(value)[:LONGEST]
        loses = sorted({said(one.traits[name])[:LONGEST] for one in before if name in one.traits} - {shown})
        if loses:
            found.append(Won(name, shown, loses))
        else:
            agreed += 1
    return found, agreed


def _effects(before: Sequence[Facts], after: Sequence[Facts]) -> list[Effect]:
    found = []
    for label in _labels([*before, *after]):
        old, new = _names(before, label), _names(after, label)
        found.append(Effect(label, sorted(old & new), sorted(new - old), sorted(old - new)))
    return found


def _people(trial: Trial) -> list[Becomes]:
    known = {one.profile_id for one in trial.before}
    return [
        Becomes(
            name_of(one.traits, one.uuid),
            one.uuid,
            one.profile_id not in known,
            [(name, said(value)[:LONGEST]) for name, value in sorted(one.traits.items())],
            [(label, names) for label, names in one.effects.items() if names],
        )
        for one in trial.after
    ]


def _labels(facts: Sequence[Facts]) -> list[str]:
    return list(dict.fromkeys(label for one in facts for label in one.effects))


def _names(facts: Sequence[Facts], label: str) -> set[str]:
    return {name for one in facts for name in one.effects.get(label, [])}
