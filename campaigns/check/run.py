"""A check from its first lot to its verdict. Whatever was kept of it is not done again."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import variants
from campaigns.check import describe, links, result, sample, who
from campaigns.check.feeds import try_feeds, with_feeds
from campaigns.check.job import Run, Stopped, forget_older, take_over
from campaigns.check.look import look
from campaigns.check.lots import counts, keep, last_lot, notes_of
from campaigns.check.points import points_of
from campaigns.check.result import Result, kept
from campaigns.check.trial import Trial, trial_of
from campaigns.content.blocks import ContentError, Problem
from campaigns.content.press import About, press_for
from campaigns.content.problems import problems_of
from campaigns.content.read import read
from campaigns.content.vocabulary import Vocabulary
from campaigns.models import Check
from cdp.common.jobs import Clock
from cdp.common.models import Job
from cdp.common.outbound import Client

LOT = 2_000
"""People at a time: what is held in memory, and what is done again where a worker dies."""
COUNTING, MAKING, ASKING = "Counting", "Making some mails in full", "Asking the links"


@dataclass(frozen=True)
class With:
    """What a check is run with."""

    about: About
    clock: Clock
    open_client: Callable[[], Client]


def run(job_id: int, *, given: With) -> None:
    """Takes the check over and brings it to its end. Twice at once is once: the later one goes on."""
    one = take_over(job_id, clock=given.clock)
    if one is None:
        return
    try:
        _check(one, given)
        one.end(Job.State.DONE)
    except Stopped:
        return
    except Exception as error:
        one.end(Job.State.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def _check(one: Run, given: With) -> None:
    check, vocabulary = one.check, Vocabulary.now()
    modules = {int(pk): held for pk, held in check.modules.items()}
    found = Result(problems=_problems(check, vocabulary, modules))
    about = replace(given.about, campaign=check.campaign.name)
    try:
        mail = read(check.content, modules=modules)
        press = press_for(check.content, about=about, now=check.as_of, modules=modules)
        trial = trial_of(mail, press=press, now=check.as_of)
    except ContentError as error:
        found.why_not = str(error)
    else:
        total = _count(one, trial, about.zone)
        sampled = _describe(one, trial, found, vocabulary, total=total)
        found.links = _ask(one, sample.to_ask(check, sampled), given, total=total)
    _finish(one, found)


def _problems(check: Check, vocabulary: Vocabulary, modules: Mapping[int, Any]) -> list[Problem]:
    has_topic = check.campaign.topic is not None
    found = problems_of(check.content, vocabulary=vocabulary, modules=modules, has_topic=has_topic)
    of_variants = variants.problems(check.campaign, vocabulary=vocabulary)
    known = {(one.place, one.message) for one in found}
    return found + [one for one in of_variants if (one.place.partition(": ")[2], one.message) not in known]


def _count(one: Run, trial: Trial, zone: ZoneInfo) -> int:
    """Everybody, lot by lot; each is kept before the next is looked at. Returns how many they are."""
    check = one.check
    asked = who.Asked(check.campaign, check.as_of, zone)
    total, second = who.how_many(asked), who.second_of_address(asked)
    number, after = last_lot(check)
    so_far = counts(check)
    done = so_far.get("segment", 0)
    taken = Counter(dict(_given(so_far)))
    one.tell(done, max(total, done), step=COUNTING)
    while (lot := who.lot_after(asked, after, size=LOT, second=second)).people:
        seen = look(trial, lot, taken=taken)
        number, after, done = number + 1, lot.people[-1].profile_id, done + len(lot.people)
        one.write(partial(keep, check, number, seen.marks, notes=seen.notes.as_json()))
        one.tell(done, max(total, done), step=COUNTING)
    return done


def _given(so_far: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Offers that the lots before were given."""
    for key, n in so_far.items():
        kind, _, rest = key.partition(":")
        offer, _, how = rest.partition(":")
        if kind == "offer" and how == "given":
            yield offer, n


def _describe(one: Run, trial: Trial, found: Result, vocabulary: Vocabulary, *, total: int) -> sample.Sampled:
    chosen = sample.chosen(one.check)
    asking = with_feeds(trial, chosen.ids)
    tried = try_feeds(trial, asking, vocabulary=vocabulary)
    sampled = sample.Sampled()
    for start in range(0, len(chosen.ids), sample.TURN):
        one.tell(total, total, step=f"{MAKING}: {start} of {len(chosen.ids)}")
        sample.make(trial, chosen.ids[start : start + sample.TURN], sampled, asking=set(asking))
    found.blocks = dict(trial.parts.names)
    found.splits = describe.splits(trial)
    found.tokens = describe.tokens(trial, vocabulary, tried.tokens)
    found.grids = describe.grids(trial, tried.grids)
    found.offers = describe.offers(trial, vocabulary)
    found.feeds = tried.feeds
    found.names = describe.names(trial)
    found.sample = sampled.told(mails=chosen.mails)
    found.broken = list(_broken(one.check))
    return sampled


def _broken(check: Check) -> Iterator[result.Broken]:
    seen = set()
    for notes in notes_of(check):
        for place, (why, profile_id) in notes["broken"].items():
            if place not in seen:
                seen.add(place)
                yield result.Broken(place, why, profile_id)


def _ask(one: Run, addresses: Sequence[links.Address], given: With, *, total: int) -> list[result.Link]:
    if not addresses:
        return []

    def tell(n: int) -> None:
        one.tell(total, total, step=f"{ASKING}: {n} of {len(addresses)}")

    tell(0)
    with given.open_client() as client:
        return sample.told(links.try_all(addresses, client=client, tell=tell))


def _finish(one: Run, found: Result) -> None:
    check, now = one.check, one.clock()
    check.counts, check.result, check.finished_at = counts(check), kept(found), now
    check.people = check.counts.get("segment", 0)
    check.reached = check.counts.get("gets", 0)
    points = points_of(check, found)
    check.errors, check.warnings = len(points.errors), len(points.warnings)

    def write() -> None:
        check.save()
        forget_older(check)

    one.write(write)
