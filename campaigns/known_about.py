"""What is known of somebody, by kinds and numbers and never by values: whoever holds a mail may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cdp.accounts.models import Source
from cdp.events.models import EventState
from cdp.profiles.models import Profile, Record
from scoring.models import Predictor

MOST = 12
LEFT_OUT = frozenset({"email", "phone"})
"""Said already: it is the address that was written to, or another of theirs."""


@dataclass(frozen=True)
class Done:
    name: str
    n: int
    last_at: datetime


@dataclass(frozen=True)
class Known:
    traits: Sequence[str]
    done: Sequence[Done]
    sources: Sequence[str]
    expected: Sequence[str]
    """What is predicted of everybody, and so of them."""


def known_about(profile_id: int) -> Known:
    profile = Profile.objects.filter(pk=profile_id).first()
    if profile is None:
        return Known((), (), (), ())
    living = profile.merged_into or profile.pk
    states = EventState.objects.filter(profile_id=living).order_by("-n", "name")[:MOST]
    sources = Record.objects.filter(profile_id=living).values_list("source_id", flat=True)
    return Known(
        traits=sorted(set(profile.traits) - LEFT_OUT)[:MOST],
        done=[Done(one.name, one.n, one.last_at) for one in states],
        sources=sorted(Source.objects.filter(pk__in=set(sources)).values_list("name", flat=True)),
        expected=list(
            Predictor.objects.filter(archived_at=None).order_by("name").values_list("name", flat=True)[:MOST]
        ),
    )
