"""The parts of a mail as the page of a check names them."""

from collections.abc import Iterator, Mapping

from campaigns.check import result
from campaigns.check.look import is_of_feed
from campaigns.check.parts import Inside
from campaigns.check.telling import Token
from campaigns.check.trial import Trial
from campaigns.content.compile import Branch, OfferUse
from campaigns.content.meanings import Unknown, written
from campaigns.content.vocabulary import Vocabulary


def splits(trial: Trial) -> list[result.Split]:
    says, names = trial.parts.says, trial.parts.names
    return [
        result.Split(
            key=split.key,
            place=_place(split.key),
            name=names.get(split.key) or _field(split.key, names),
            inside=_inside(split.inside),
            branches=[
                result.Branch(rule, says.get(Branch(split.key, number), ""))
                for number, rule in enumerate(split.branches)
            ],
        )
        for split in trial.press.compiled.splits
    ]


def tokens(trial: Trial, vocabulary: Vocabulary, tried: Mapping[int, dict[str, list[int]]]) -> list[result.Token]:
    return [_token(trial, vocabulary, number, token, tried) for number, token in enumerate(trial.tokens)]


def _token(
    trial: Trial, vocabulary: Vocabulary, number: int, token: Token, tried: Mapping[int, dict[str, list[int]]]
) -> result.Token:
    script = trial.scripts[token.spot]
    found = vocabulary.resolve(token.path) if token.path else Unknown("")
    keys = next((use.keys for use in trial.press.compiled.offers if use.block == script.spot.offer), ())
    return result.Token(
        source=token.source,
        path=written(token.path) if token.path else "",
        place=script.spot.place,
        label="" if isinstance(found, Unknown) else found.label,
        inside=_inside(script.spot.inside),
        has_default=token.has_default,
        means_nothing=token.means_nothing,
        offer=keys[0] if keys else "",
        tried=tried.get(number, {}) if is_of_feed(script) else None,
    )


def grids(trial: Trial, tried: Mapping[str, dict[str, list[int]]]) -> list[result.Grid]:
    return [
        result.Grid(
            block=use.block,
            name=trial.parts.names.get(use.block, "Products"),
            inside=_inside(use.inside),
            fallback=use.source.fallback,
            limit=use.limit,
            tried=tried.get(use.block, {}) if use.source.kind == "feed" else None,
        )
        for use in trial.press.compiled.lists
    ]


def offers(trial: Trial, vocabulary: Vocabulary) -> list[result.Offer]:
    """Each key once, by the block that names it first."""
    found: dict[str, result.Offer] = {}
    for use in trial.press.compiled.offers:
        for key in use.keys:
            found.setdefault(key, _offer(key, vocabulary, use, trial))
    for key in sorted(trial.press.needs.offers):
        found.setdefault(key, _offer(key, vocabulary, None, trial))
    return list(found.values())


def _offer(key: str, vocabulary: Vocabulary, use: OfferUse | None, trial: Trial) -> result.Offer:
    known = vocabulary.offer(key)
    return result.Offer(
        key=key,
        name=key if isinstance(known, Unknown) else known.name,
        place=f"blocks.{use.block}" if use else "",
        has_without=bool(use and trial.parts.without.get(use.block)),
    )


def names(trial: Trial) -> dict[str, list[str]]:
    compiled, needs = trial.press.compiled, trial.press.needs
    listed = {use.source.feed for use in compiled.lists} - {""}
    return {
        "offers": sorted({key for use in compiled.offers for key in use.keys} | needs.offers),
        "feeds": sorted({use.key for use in compiled.feeds} | listed | needs.feeds),
    }


def feed_places(trial: Trial) -> Iterator[tuple[str, str]]:
    """Key of each feed, and the block it is for; empty where a text names it."""
    compiled = trial.press.compiled
    yield from ((use.key, use.block) for use in compiled.feeds)
    yield from ((use.source.feed, use.block) for use in compiled.lists if use.source.feed)
    there = {use.key for use in compiled.feeds}
    yield from ((key, "") for key in sorted(trial.press.needs.feeds - there))


def _inside(inside: Inside) -> result.Inside:
    return [(outer.split, outer.number) for outer in inside]


def _place(key: str) -> str:
    return key if key in ("subject", "preheader") else f"blocks.{key}"


def _field(key: str, names: Mapping[str, str]) -> str:
    """Of a value that varies: its block and which field it is."""
    block, _, name = key.partition(".")
    if not name:
        return key.capitalize()
    words = {"url": "link", "src": "image", "offer": "which offer", "text": "words"}.get(name, name)
    return f"{names.get(block, block)}: {words}"
