"""What a check says is to be fixed, and what to be looked at: each in a sentence, with its place and its people."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from campaigns.accounts import ways_out
from campaigns.check.links import Verdict
from campaigns.check.result import Broken, Grid, Inside, Link, Offer, Result, Split, Token
from campaigns.content.hints import HUGE_IMAGE, LARGE_IMAGE, Level
from campaigns.models import Check

MOST_FALLBACK = 0.5
"""A share of readers beyond which a fallback is worth a look."""
ALL, GETS = "allowed", "gets"
"""Who may be written to, and those of them whose mail can be made."""
Keys = tuple[str, ...]
"""Whoever has all these findings. One that begins with `tried:` names people of the sample."""


@dataclass(frozen=True)
class Point:
    words: str
    place: str = ""
    n: int = 0
    """People; 0 where it concerns none, or all."""
    keys: Keys = ()


@dataclass(frozen=True)
class Points:
    errors: list[Point]
    warnings: list[Point]


def points_of(check: Check, found: Result) -> Points:
    counts = check.counts
    return Points(
        errors=[
            *_mistakes(found, counts),
            *_nobody(check, found),
            *_unmade(found, counts),
            *(point for number, one in enumerate(found.tokens) for point in _unseen(number, one, counts)),
            *(_link(one) for one in found.links if one.verdict == Verdict.BROKEN),
            *map(Point, ways_out.mistakes(check.campaign)),
        ],
        warnings=[
            *(Point(one.message, one.place) for one in found.problems if not one.is_error),
            *(point for split in found.splits for point in _empty_branches(split, counts)),
            *(point for number, one in enumerate(found.tokens) for point in _mostly_fallback(number, one, counts)),
            *(point for one in found.grids for point in _grid(one, counts)),
            *(point for one in found.offers for point in _refused(one, counts)),
            *_feeds(found),
            *(_link(one) for one in found.links if one.verdict == Verdict.UNSURE),
            *(_large(one) for one in found.links if (one.n_bytes or 0) > LARGE_IMAGE),
            *_sizes(found),
            *_hints(found),
            *map(Point, ways_out.warnings(check.campaign)),
        ],
    )


def _mistakes(found: Result, counts: Mapping[str, int]) -> Iterator[Point]:
    """A value that some lack is told of once: where the check knows of whom, there."""
    empty = {
        (one.place, f"{{{{ {one.path} }}}}"): counts.get(f"token:{number}:nothing", 0)
        for number, one in enumerate(found.tokens)
        if not one.has_default
    }
    for problem in found.problems:
        token, is_of_token, _ = problem.message.partition(" }}")
        n = empty.get((problem.place, f"{token} }}}}")) if is_of_token and "empty" in problem.message else None
        if problem.is_error and not n:
            more = ". Nobody of this audience lacks it now." if n == 0 else ""
            yield Point(problem.message + more, problem.place)


def reach(inside: Inside) -> Keys:
    """Who gets what stands there."""
    return (f"branch:{inside[-1][0]}:{inside[-1][1]}",) if inside else (ALL,)


def n_of(keys: Keys, counts: Mapping[str, int]) -> int:
    return counts.get(keys[-1], 0)


def people(n: int) -> str:
    return "1 person" if n == 1 else f"{n:,} people"


def pct(n: int, of: int) -> str:
    return f"{100 * n / of:.1f} %" if of else "–"


def _nobody(check: Check, found: Result) -> Iterator[Point]:
    if found.why_not:
        if not any(one.is_error for one in found.problems):
            yield Point(f"The mail cannot be tried with anybody: {found.why_not}.")
    elif not check.people:
        yield Point("Nobody is in the audience.")
    elif not check.reached:
        yield Point(f"Of {people(check.people)} in the audience nobody would get it.")


def _unmade(found: Result, counts: Mapping[str, int]) -> Iterator[Point]:
    for one in found.broken:
        key = unmade_key(one)
        n = counts.get(key, 0)
        words = f"The mail cannot be made for {people(n)}: for one of them, {one.why}"
        yield Point(f"{words.rstrip('.')}.", one.place, n, (key,))
    if counts.get("unmade"):
        return  # those of the sample are among them
    for number, named in enumerate(found.sample.unmade):
        words = (
            f"The mail cannot be made for {named.n:,} of {people(found.sample.n)} it was made for in full: {named.text}"
        )
        yield Point(words, "", named.n, (f"tried:unmade:{number}",))


def unmade_key(one: Broken) -> str:
    return f"unmade:{one.place}"[:200]


def readers(token: Token) -> Keys:
    """Who gets the text that the token stands in."""
    return (*reach(token.inside), f"offer:{token.offer}:given") if token.offer else reach(token.inside)


def _unseen(number: int, token: Token, counts: Mapping[str, int]) -> Iterator[Point]:
    key = f"token:{number}:nothing"
    n = counts.get(key, 0)
    if n and not token.means_nothing:
        seen = sum(counts.get(f"token:{number}:{how}", 0) for how in ("value", "fallback", "nothing", "unread"))
        words = f"{token.source} shows nothing to {people(n)} ({pct(n, seen)} of those who get it)"
        yield Point(f"{words}: give it a default.", token.place, n, (key,))
    if token.tried and token.tried.get("nothing") and not token.means_nothing:
        n, of = len(token.tried["nothing"]), sum(map(len, token.tried.values()))
        words = f"{token.source} shows nothing to {n:,} of {people(of)} it was tried with: give it a default."
        yield Point(words, token.place, n, (f"tried:token:{number}:nothing",))


def _mostly_fallback(number: int, token: Token, counts: Mapping[str, int]) -> Iterator[Point]:
    key = f"token:{number}:fallback"
    n = counts.get(key, 0)
    seen = sum(counts.get(f"token:{number}:{how}", 0) for how in ("value", "fallback", "nothing"))
    if n and n > MOST_FALLBACK * seen:
        words = f"Most people see the fallback of {token.source}: {people(n)} ({pct(n, seen)})."
        yield Point(words, token.place, n, (key,))


def _empty_branches(split: Split, counts: Mapping[str, int]) -> Iterator[Point]:
    reached = n_of(reach(split.inside), counts)
    for number in range(len(split.branches)):
        if reached and not counts.get(f"branch:{split.key}:{number}"):
            said = f"“{split.branches[number].says}”" if split.branches[number].says else f"Branch {number + 1}"
            yield Point(f"{split.name}: nobody gets {said}. {why_empty(split, number, counts)}", split.place)


def why_empty(split: Split, number: int, counts: Mapping[str, int]) -> str:
    """Proven by the numbers: who would match and is taken before, or that nobody matches."""
    of = n_of(reach(split.inside), counts)
    if not of:
        return "Nobody reaches this place."
    rule, is_else = split.branches[number].rule, number == len(split.branches) - 1
    later = counts.get(f"later:{split.key}:{number}", 0)
    if not is_else and any(rule == split.branches[n].rule for n in range(number)):
        return "The same condition stands before it."
    if not is_else and not later:
        return f"It holds for nobody who gets so far: “{rule}”."
    taking = [n for n in range(number) if counts.get(f"branch:{split.key}:{n}")]
    if len(taking) == 1:
        which = f"The {ORDINALS[taking[0]]}" if taking[0] < len(ORDINALS) else "A condition before it"
        return f"{which} already takes everybody."
    if is_else:
        return "The conditions before it take everybody."
    return f"It holds for {people(later)}, but conditions before it take all of them."


ORDINALS = ("first condition", "second condition", "third condition", "fourth condition")


def _grid(grid: Grid, counts: Mapping[str, int]) -> Iterator[Point]:
    key = f"grid:{grid.block}:nothing"
    n, place = counts.get(key, 0), f"blocks.{grid.block}"
    if n:
        of = n_of(reach(grid.inside), counts)
        words = f"{grid.name}: there is no item for {people(n)} ({pct(n, of)}); the block is left out for them."
        yield Point(words, place, n, (key,))
    if grid.tried and grid.tried.get("nothing"):
        n, of = len(grid.tried["nothing"]), sum(map(len, grid.tried.values()))
        words = f"{grid.name}: the feed gives no item for {n:,} of {people(of)} it was tried with."
        yield Point(words, place, n, (f"tried:grid:{grid.block}:nothing",))


def refusals(offer: Offer, counts: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    """Why, in words → key and how many."""
    start = f"offer:{offer.key}:refused:"
    return {key.removeprefix(start): (key, n) for key, n in counts.items() if key.startswith(start)}


def _refused(offer: Offer, counts: Mapping[str, int]) -> Iterator[Point]:
    for why, (key, n) in refusals(offer, counts).items():
        instead = "see the words for that case" if offer.has_without else "see nothing in its place"
        yield Point(f"Offer “{offer.name}”: {people(n)} would not get it and {instead}. {why}", offer.place, n, (key,))


def _feeds(found: Result) -> Iterator[Point]:
    for one in found.feeds:
        if one.failed:
            n, of = len(one.failed), len(one.tried)
            instead = "they see what stands in for it" if one.has_stand_in else "they see nothing in its place"
            words = f"Feed “{one.name}” failed for {n:,} of {people(of)} it was tried with; {instead}. {one.why}"
            yield Point(words, one.place, n, (f"tried:feed:{one.key}",))


def _link(link: Link) -> Point:
    what = "An image" if link.kind == "image" else "A link"
    whose = " (for one of the people)" if link.profile_id is not None else ""
    return Point(f"{what} does not answer as it should{whose}: {link.url} – {link.words}", link.place)


def _large(link: Link) -> Point:
    n = link.n_bytes or 0
    how = "far too large" if n > HUGE_IMAGE else "large"
    return Point(f"An image is {how} for a phone, {n / 1e6:.1f} MB: {link.url}", link.place)


def _sizes(found: Result) -> Iterator[Point]:
    if found.sample.clipped:
        n, (size, _) = len(found.sample.clipped), found.sample.largest[0]
        words = f"Gmail would cut off {n:,} of {found.sample.n:,} mails made in full: it shows 102 KB, the largest has"
        yield Point(f"{words} {size / 1024:,.0f} KB.", "", n, ("tried:clipped",))


def _hints(found: Result) -> Iterator[Point]:
    for number, one in enumerate(found.sample.hints):
        if one.level == Level.WARNING:
            yield Point(one.text, one.place, one.n, (f"tried:hint:{number}",))


def tried(found: Result, key: str) -> list[int]:
    """People of the sample that a key of a point names. Raises KeyError where there is none such."""
    _, kind, rest = key.split(":", maxsplit=2) if key.count(":") > 1 else (*key.split(":"), "")
    try:
        return _TRIED[kind](found, rest)
    except (IndexError, ValueError, StopIteration) as error:
        raise KeyError(key) from error


def _of_token(found: Result, rest: str) -> list[int]:
    number, _, how = rest.partition(":")
    return (found.tokens[int(number)].tried or {})[how]


def _of_grid(found: Result, rest: str) -> list[int]:
    block, _, how = rest.partition(":")
    return (next(one for one in found.grids if one.block == block).tried or {})[how]


_TRIED: dict[str, Callable[[Result, str], list[int]]] = {
    "clipped": lambda found, rest: found.sample.clipped,
    "unmade": lambda found, rest: found.sample.unmade[int(rest)].ids,
    "hint": lambda found, rest: found.sample.hints[int(rest)].ids,
    "feed": lambda found, rest: next(one for one in found.feeds if one.key == rest).failed,
    "token": _of_token,
    "grid": _of_grid,
}
