"""People who look like somebody else, through the real pipeline, and the candidates that say so."""

from datetime import datetime
from math import log2
from typing import Any

from cdp.profiles.models import Profile, Record
from identity.models import Candidate
from tests.taking_in import NOW, ago, identify, take_in

FIRST = ("Ada", "Bela", "Cleo", "Dora", "Elia", "Fynn", "Gina", "Hugo", "Ines", "Jana", "Kaja", "Lars", "Mina", "Nils")
LAST = ("Abel", "Brandt", "Conrad", "Dietz", "Ernst", "Falk", "Graf", "Huber", "Imhof", "Jung", "Krause", "Lorenz")


def visitor(key: str, *, of: str = "web", at: datetime = NOW, **traits: Any) -> Record:
    """A record that only a browser names, so that it may be merged with any other."""
    take_in([identify(anonymousId=key, at=at, traits=traits)], of=of, now=NOW)
    return Record.objects.get(key=f"anon:{key}")


def customer(key: str, *, of: str = "shop", at: datetime = NOW, **traits: Any) -> Record:
    take_in([identify(key, at=at, traits=traits)], of=of, now=NOW)
    return Record.objects.get(key=f"user:{key}")


def candidate(
    a: Record, b: Record, *, probability: float = 0.9, evidence: Any = None, found_at: datetime = NOW
) -> Candidate:
    first, second = sorted((a.pk, b.pk))
    weight = log2(probability / (1 - probability))
    return Candidate.objects.create(
        record_a=first,
        record_b=second,
        weight=weight,
        probability=probability,
        evidence=evidence_of(weight, a, b) if evidence is None else evidence,
        found_at=found_at,
    )


def evidence_of(weight: float, a: Record, b: Record) -> list[dict[str, Any]]:
    """What the matching would note of two who share a last name, and whose e-mail addresses differ."""
    word = {side: record.traits for side, record in (("a", a), ("b", b))}

    def line(field: str, trait: str, level: int, label: str, bits: float) -> dict[str, Any]:
        texts = {side: str(traits.get(trait, ["", ""])[0]) for side, traits in word.items()}
        return {"field": field, "level": level, "label": label, "bits": bits, **texts}

    rest = weight + 13.3 - 9.1 - 8.4 + 3.0
    return [
        {"field": "prior", "bits": -13.3},
        line("last name", "lastName", 6, "the same", 9.1),
        line("first name", "firstName", 3, "similar", 8.4),
        line("email", "email", 1, "different", -3.0),
        line("birth date", "birthday", 6, "the same", round(rest, 2)),
    ]


def twins(number: int, *, probability: float = 0.9) -> Candidate:
    """Two visitors who look like one person: the same last name and birthday, nearly the same first name."""
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    shared: dict[str, Any] = {"lastName": last, "birthday": f"1980-01-{number % 28 + 1:02}"}
    one = visitor(
        f"one-{number}", at=ago(days=3), firstName=first, email=f"{first}.{number}@a.example".lower(), **shared
    )
    other = visitor(
        f"two-{number}", of="app", firstName=f"{first}h", email=f"{last}{number}@b.example".lower(), **shared
    )
    return candidate(one, other, probability=probability)


def living() -> list[Profile]:
    return list(Profile.objects.filter(merged_into=None).order_by("id"))
