"""One lot of people through the mail: who gets which branch, sees which token how, which items and which offer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from campaigns.check.lots import Marks
from campaigns.check.telling import Broken, Saw, Script, read_aloud
from campaigns.check.trial import Holds, Reached, Trial
from campaigns.check.who import Lot
from campaigns.content.context import contexts_of
from campaigns.content.lists import items_of
from campaigns.offers.asked import Answers, Asked, Given, Refused
from campaigns.offers.give import rehearse
from cdp.rules.sets import matching

MOST_MAILS, EXAMPLES, LARGEST, MOST_URLS = 300, 3, 5, 5
"""Of a lot: different mails told apart, people of each, the longest mails, different addresses of one link."""
ITEM_CHARACTERS = 1_500
"""About what an item of a grid takes."""
SAID = {Saw.VALUE: "value", Saw.FALLBACK: "fallback", Saw.NOTHING: "nothing"}
Context = dict[str, Any]


@dataclass(slots=True)
class Notes:
    """What a lot tells beside who is who, as JSON."""

    mails: dict[str, tuple[int, list[int]]] = field(default_factory=dict)
    longest: list[tuple[int, int]] = field(default_factory=list)
    urls: dict[str, dict[str, int]] = field(default_factory=dict)
    broken: dict[str, tuple[str, int]] = field(default_factory=dict)

    def mail(self, name: str, profile_id: int) -> None:
        n, examples = self.mails.get(name, (0, []))
        if n or len(self.mails) < MOST_MAILS:
            self.mails[name] = (n + 1, [*examples, profile_id] if n < EXAMPLES else examples)

    def length(self, n: int, profile_id: int) -> None:
        self.longest.append((n, profile_id))
        if len(self.longest) > 50 * LARGEST:
            self.cut()

    def cut(self) -> None:
        self.longest = sorted(self.longest, reverse=True)[:LARGEST]

    def url(self, place: str, url: str, profile_id: int) -> None:
        known = self.urls.setdefault(place, {})
        if len(known) < MOST_URLS:
            known.setdefault(url, profile_id)


@dataclass(frozen=True, slots=True)
class Seen:
    marks: Marks
    notes: Notes


def look(trial: Trial, lot: Lot, *, taken: Counter[str]) -> Seen:
    """`taken` counts by offer what the lots before were given."""
    ids = [one.profile_id for one in lot.people]
    marks, notes = Marks(ids), Notes()
    places = {one: place for place, one in enumerate(ids)}
    for one, place in places.items():
        marks.add("segment", place)
        if reason := lot.refused.get(one):
            marks.add(f"none:{reason}", place)
    allowed = [one for one in ids if one not in lot.refused]
    if allowed:
        held = _held(trial, allowed)
        reached = {one: trial.reached(held[one]) for one in allowed}
        _mark_branches(reached, places, marks, notes)
        given = _mark_offers(trial, reached, places, marks, taken)
        n_items = _mark_grids(trial, reached, places, marks)
        contexts = contexts_of(trial.needs, allowed, now=trial.now, zone=trial.zone)
        for one in allowed:
            person = _Person(trial, one, contexts[one], given)
            _read(person, reached[one], places[one], Seen(marks, notes), length=ITEM_CHARACTERS * n_items[one])
    notes.cut()
    return Seen(marks, notes)


def _held(trial: Trial, ids: Sequence[int]) -> dict[int, Holds]:
    """Each distinct rule is asked once for all of them."""
    members = [matching(rule, ids, now=trial.now, zone=trial.zone, cuts=trial.cuts) for rule in trial.rules]
    return {one: tuple(one in found for found in members) for one in ids}


def _mark_branches(reached: Mapping[int, Reached], places: Mapping[int, int], marks: Marks, notes: Notes) -> None:
    for one, found in reached.items():
        place = places[one]
        marks.add("allowed", place)
        for key, number in found.branches:
            marks.add(f"branch:{key}:{number}", place)
        for key, number in found.matching:
            marks.add(f"match:{key}:{number}", place)
        notes.mail(found.mail, one)
        for feeding in found.feeds:
            marks.add(f"feed:{feeding.block}", place)


def _mark_offers(
    trial: Trial, reached: Mapping[int, Reached], places: Mapping[int, int], marks: Marks, taken: Counter[str]
) -> Answers:
    asked = {
        (one, key): Asked(UUID(int=one), one, None, key)
        for one, found in reached.items()
        for key in {*(handing.key for handing in found.offers), *trial.needs.offers}
    }
    answers = rehearse(list(asked.values()), now=trial.now, zone=trial.zone, taken=taken) if asked else {}
    for one, key in asked:
        answer = answers[UUID(int=one), key]
        how = "given" if isinstance(answer, Given) else f"refused:{answer.why}"
        marks.add(f"offer:{key}:{how}"[:200], places[one])
    return answers


def _mark_grids(
    trial: Trial, reached: Mapping[int, Reached], places: Mapping[int, int], marks: Marks
) -> Counter[int]:
    """Returns how many items each person sees in all. Items of a feed are tried with a few people only."""
    n_items: Counter[int] = Counter()
    for grid in trial.parts.grids:
        who = [one for one, found in reached.items() if grid in found.grids]
        if not who or grid.source.kind == "feed":
            continue
        own = _how_many(trial, replace(grid.source, fallback="hide"), who, grid.limit)
        short = [one for one in who if own[one] < grid.limit]
        filled = _how_many(trial, grid.source, short, grid.limit) if grid.source.fallback != "hide" and short else own
        for one in who:
            n = filled[one] if own[one] < grid.limit else own[one]
            n_items[one] += n
            how = "own" if n and n == own[one] else "some" if own[one] and n else "fallback" if n else "empty"
            marks.add(f"grid:{grid.id}:{how}", places[one])
            if 0 < n < grid.limit:
                marks.add(f"grid:{grid.id}:short", places[one])
    return n_items


def _how_many(trial: Trial, source: Any, who: Sequence[int], limit: int) -> dict[int, int]:
    listed = items_of(source, who, limit=limit, now=trial.now, currency=trial.needs.currency, answers={})
    return {one: len(listed.get(one, ())) for one in who}


@dataclass(frozen=True, slots=True)
class _Person:
    trial: Trial
    id: int
    known: Context
    answers: Answers

    def context(self) -> Context:
        offers = {key: self.offer(key) for key in self.trial.needs.offers}
        return {**self.known, **self.trial.said, "offers": offers}

    def offer(self, key: str) -> Context | None:
        answer = self.answers.get((UUID(int=self.id), key), Refused(""))
        return answer.as_context() if isinstance(answer, Given) else None


def _read(person: _Person, reached: Reached, place: int, seen: Seen, *, length: int) -> None:
    context = person.context()
    offered = {handing.block: person.offer(handing.key) for handing in reached.offers}
    for script in reached.scripts:
        spot = script.spot
        if is_of_feed(script) or (spot.offer and not offered[spot.offer]) or (spot.refused and offered[spot.refused]):
            continue
        inner = {**context, "offer": offered[spot.offer]} if spot.offer else context
        length += _read_one(script, inner, person.id, place, seen)
    seen.notes.length(length, person.id)


def _read_one(script: Script, context: Context, profile_id: int, place: int, seen: Seen) -> int:
    """Returns how many characters stand there."""
    spot, saw = script.spot, {}
    try:
        text = read_aloud(script, context, saw)
    except Broken as error:
        _broken(seen, spot.place, str(error), profile_id, place)
        return 0
    for number in script.tokens:
        how = SAID[saw[number]] if number in saw else "unread"
        seen.marks.add(f"token:{number}:{how}", place)
    if spot.lead:
        target = text.strip()
        seen.notes.url(spot.place, target, profile_id)
        if not target.startswith(spot.lead):
            _broken(seen, spot.place, f"“{target[:80]}” is no web address", profile_id, place)
    return len(text)


def _broken(seen: Seen, where: str, why: str, profile_id: int, place: int) -> None:
    key = f"unmade:{where}"[:200]
    if place not in seen.marks.at.get("unmade", ())[-1:]:
        seen.marks.add("unmade", place)
    seen.marks.add(key, place)
    seen.notes.broken.setdefault(where, (why[:200], profile_id))


def is_of_feed(script: Script) -> bool:
    """What a feed says is asked for a few people only."""
    return bool(script.spot.feed) or "feeds." in script.spot.source or "feeds[" in script.spot.source


def of_feeds(scripts: Iterable[Script]) -> list[Script]:
    return [one for one in scripts if is_of_feed(one)]
