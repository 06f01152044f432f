"""One lot of people through the mail: who gets which branch, sees which token how, which items and which offer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

from campaigns.check.lots import Marks
from campaigns.check.telling import Broken, Saw, Script, read_aloud
from campaigns.check.trial import Trial, Way
from campaigns.check.who import Lot
from campaigns.content.compile import ListUse
from campaigns.content.compose import chosen_by
from campaigns.content.context import contexts_of
from campaigns.content.lists import items_of
from campaigns.content.press import Choice
from campaigns.content.render import SCHEMES
from campaigns.offers.asked import Answer, Answers, Asked, Given
from campaigns.offers.give import rehearse

MOST_MAILS, EXAMPLES, ENOUGH, LARGEST, MOST_URLS = 300, 3, 200, 5, 5
"""Of a lot: different mails told apart, people of each at least where there are as many, people in all that are enough,
the longest mails, different addresses of one link."""
MOST_KEY = 200
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
    n_examples: int = 0

    def mail(self, name: str, profile_id: int) -> None:
        n, examples = self.mails.get(name, (0, []))
        if n or len(self.mails) < MOST_MAILS:
            is_kept = n < EXAMPLES or self.n_examples < ENOUGH
            self.n_examples += is_kept
            self.mails[name] = (n + 1, [*examples, profile_id] if is_kept else examples)

    def length(self, n: int, profile_id: int) -> None:
        self.longest.append((n, profile_id))
        if len(self.longest) > 50 * LARGEST:
            self.cut()

    def as_json(self) -> dict[str, Any]:
        return {"mails": self.mails, "longest": self.longest, "urls": self.urls, "broken": self.broken}

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
        choices = chosen_by(trial.press, allowed, now=trial.now)
        _mark_branches(trial, choices, places, Seen(marks, notes))
        answers = _mark_offers(trial, choices, places, marks, taken)
        n_items = _mark_grids(trial, choices, places, marks)
        said = trial.said
        contexts = contexts_of(trial.press.needs, allowed, now=trial.now, zone=trial.zone)
        for one in allowed:
            given = {key: _given(answers.get((UUID(int=one), key))) for key in choices[one].offers}
            person = Person(one, {**contexts[one], **said, "offers": given}, choices[one], given)
            length = ITEM_CHARACTERS * n_items[one]
            _read(person, trial.way(choices[one]), places[one], Seen(marks, notes), length=length)
            if places[one] not in marks.at.get("unmade", ())[-1:]:
                marks.add("gets", places[one])
    notes.cut()
    return Seen(marks, notes)


def _given(answer: Answer | None) -> Context | None:
    return answer.as_context() if isinstance(answer, Given) else None


def _mark_branches(trial: Trial, choices: Mapping[int, Choice], places: Mapping[int, int], seen: Seen) -> None:
    marks = seen.marks
    for one, choice in choices.items():
        place, way = places[one], trial.way(choice)
        marks.add("allowed", place)
        for key, number in way.branches.items():
            marks.add(f"branch:{key}:{number}", place)
        for key, number in way.later:
            marks.add(f"later:{key}:{number}", place)
        seen.notes.mail(way.mail, one)
        for block in choice.wanted.feeds:
            marks.add(f"feed:{block}", place)


def _mark_offers(
    trial: Trial, choices: Mapping[int, Choice], places: Mapping[int, int], marks: Marks, taken: Counter[str]
) -> Answers:
    asked = [Asked(UUID(int=one), one, None, key) for one, choice in choices.items() for key in choice.offers]
    answers = rehearse(asked, now=trial.now, zone=trial.zone, taken=taken) if asked else {}
    for one in asked:
        answer = answers[one.ref, one.offer_key]
        how = "given" if isinstance(answer, Given) else f"refused:{answer.why}"
        marks.add(f"offer:{one.offer_key}:{how}"[:MOST_KEY], places[one.profile_id])
    return answers


def _mark_grids(trial: Trial, choices: Mapping[int, Choice], places: Mapping[int, int], marks: Marks) -> Counter[int]:
    """Returns how many items each person sees in all. Items of a feed are tried with a few people only."""
    n_items: Counter[int] = Counter()
    for use in trial.press.compiled.lists:
        who = [one for one, choice in choices.items() if use.block in choice.wanted.lists]
        if not who or use.source.kind == "feed":
            continue
        own = _how_many(trial, replace(use, source=replace(use.source, fallback="hide")), who)
        short = [one for one in who if own[one] < use.limit]
        filled = _how_many(trial, use, short) if use.source.fallback != "hide" and short else own
        for one in who:
            n = filled[one] if own[one] < use.limit else own[one]
            n_items[one] += n
            how = "nothing" if not n else "own" if n == own[one] else "some" if own[one] else "fallback"
            marks.add(f"grid:{use.block}:{how}", places[one])
            if 0 < n < use.limit:
                marks.add(f"grid:{use.block}:short", places[one])
    return n_items


def _how_many(trial: Trial, use: ListUse, who: Sequence[int]) -> dict[int, int]:
    currency = trial.press.needs.currency
    listed = items_of(use.source, who, limit=use.limit, now=trial.now, currency=currency, answers={})
    return {one: len(listed.get(one, ())) for one in who}


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    context: Context
    choice: Choice
    offers: Mapping[str, Context | None]
    """By key, of those that their mail shows."""

    def offer_of(self, block: str) -> Context | None:
        return self.offers.get(self.choice.wanted.offers[block])


def _read(person: Person, way: Way, place: int, seen: Seen, *, length: int) -> None:
    for script in way.scripts:
        spot = script.spot
        if is_of_feed(script) or (spot.refused and person.offer_of(spot.refused)):
            continue
        context = person.context
        if spot.offer:
            offer = person.offer_of(spot.offer)
            if offer is None:
                continue
            context = {**context, "offer": offer}
        length += _read_one(script, context, person.id, place, seen)
    seen.notes.length(length, person.id)


def _read_one(script: Script, context: Context, profile_id: int, place: int, seen: Seen) -> int:
    """Returns how many characters stand there."""
    spot = script.spot
    saw: dict[int, Saw] = {}
    try:
        text = read_aloud(script, context, saw)
    except Broken as error:
        _broken(seen, spot.place, str(error), profile_id, place)
        return 0
    for number in script.tokens:
        seen.marks.add(token_key(number, saw.get(number)), place)
    if spot.is_link or spot.is_image:
        target = text.strip()
        seen.notes.url(spot.place, target, profile_id)
        if spot.is_needed and not target.startswith(SCHEMES):
            _broken(seen, spot.place, f"“{target[:80]}” is no web address", profile_id, place)
    return len(text)


@cache
def token_key(number: int, saw: Saw | None) -> str:
    return f"token:{number}:{'unread' if saw is None else SAID[saw]}"


def _broken(seen: Seen, where: str, why: str, profile_id: int, place: int) -> None:
    if place not in seen.marks.at.get("unmade", ())[-1:]:
        seen.marks.add("unmade", place)
    seen.marks.add(f"unmade:{where}"[:MOST_KEY], place)
    seen.notes.broken.setdefault(where, (why[:200], profile_id))


def is_of_feed(script: Script) -> bool:
    """What a feed says is asked for a few people only."""
    return bool(script.spot.feed) or "feeds." in script.spot.source or "feeds[" in script.spot.source
