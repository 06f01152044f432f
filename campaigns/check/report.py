"""The page of a check: who gets the mail, which branch, what they see, and what answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from campaigns.check.points import GETS, Keys, Point, n_of, points_of, reach, readers, refusals, why_empty
from campaigns.check.result import Grid, Link, Offer, Result, Split, Token, result_of
from campaigns.content.hints import CLIPPED_AT, Level
from campaigns.models import Check, Delivery

TOKENS = {"value": "See a value", "fallback": "See the fallback", "nothing": "See nothing", "unread": "Left out"}
GRIDS = {"own": "Items of their own", "some": "Filled up", "fallback": "Only the fallback", "nothing": "Nothing"}
OFFERS = ("Would get it", "Refused")
FEEDS = ("Answered", "Failed")
COLUMNS = {"tokens": [*TOKENS.values()], "grids": [*GRIDS.values()], "offers": [*OFFERS], "feeds": [*FEEDS]}


@dataclass(frozen=True)
class Count:
    """So many of so many, and the list of them."""

    n: int
    of: int
    url: str

    @property
    def pct(self) -> float:
        return 100 * self.n / self.of if self.of else 0.0


@dataclass(frozen=True)
class Shown:
    """A point with the addresses that its words lead to."""

    words: str
    n: int
    people_url: str
    place: str
    place_url: str


@dataclass(frozen=True)
class BranchRow:
    rule: str
    says: str
    count: Count
    why: str
    """Why nobody gets it; empty where somebody does."""


@dataclass(frozen=True)
class SplitRow:
    name: str
    place_url: str
    within: str
    """The branch that it stands in; empty where everybody reaches it."""
    reach: Count
    branches: list[BranchRow]


@dataclass(frozen=True)
class Row:
    """A token, grid, offer or feed, with its counts by column; None where a column has no meaning."""

    name: str
    note: str
    place: str
    place_url: str
    reach: Count
    counts: list[Count | None]
    columns: Sequence[str]
    is_tried: bool = False
    """With a few people only."""

    @property
    def cells(self) -> list[tuple[str, Count | None]]:
        return list(zip(self.columns, self.counts, strict=True))


@dataclass(frozen=True)
class LinkRow:
    link: Link
    place: str
    place_url: str


@dataclass(frozen=True)
class Report:
    check: Check
    found: Result
    errors: list[Shown]
    warnings: list[Shown]
    hints: list[Shown]
    gets: list[tuple[str, Count]]
    """Who gets it, and who does not for which reason."""
    splits: list[SplitRow]
    tokens: list[Row]
    grids: list[Row]
    offers: list[Row]
    refused: list[tuple[str, str, Count]]
    """Offer, reason, people."""
    feeds: list[Row]
    links: list[LinkRow]
    largest_kb: float
    largest_pct: float
    """Of what Gmail shows."""
    median_kb: float


def report_of(check: Check) -> Report:
    made = _Making(check, result_of(check))
    points = points_of(check, made.found)
    sizes = made.found.sample.largest
    return Report(
        check=check,
        found=made.found,
        errors=list(map(made.shown, points.errors)),
        warnings=list(map(made.shown, points.warnings)),
        hints=list(made.hints()),
        gets=list(made.gets()),
        splits=list(map(made.split, made.found.splits)),
        tokens=[made.token(number, one) for number, one in enumerate(made.found.tokens)],
        grids=list(map(made.grid, made.found.grids)),
        offers=list(map(made.offer, made.found.offers)),
        refused=[row for one in made.found.offers for row in made.refused(one)],
        feeds=list(made.feeds()),
        links=[LinkRow(one, made.place(one.place), made.place_url(one.place)) for one in made.found.links],
        largest_kb=sizes[0][0] / 1024 if sizes else 0.0,
        median_kb=made.found.sample.median / 1024,
        largest_pct=100 * sizes[0][0] / CLIPPED_AT if sizes else 0.0,
    )


class _Making:
    def __init__(self, check: Check, found: Result) -> None:
        self.check = check
        self.found = found
        self.counts: Mapping[str, int] = check.counts
        self.editor = reverse("campaigns:editor", args=[check.campaign.template_id])
        self.people = reverse("campaigns:check_people", args=[check.campaign_id, check.pk])
        self.ids = set(_ids(check.content))
        self.says = {
            (split.key, number): branch.says or branch.rule
            for split in found.splits
            for number, branch in enumerate(split.branches)
        }

    def people_url(self, keys: Keys) -> str:
        return f"{self.people}?{urlencode([('of', key) for key in keys])}" if keys else ""

    def count(self, keys: Keys, of: int) -> Count:
        n = n_of(keys, self.counts)
        return Count(n, of, self.people_url(keys) if n else "")

    def block(self, place: str) -> str:
        """The block of the mail that a place lies in; of what a module holds, the block that names the module."""
        if place.partition(".")[0] in ("subject", "preheader"):
            return place.partition(".")[0]
        inner = place.removeprefix("blocks.").partition(".")[0] if place.startswith("blocks.") else ""
        while inner and inner not in self.ids:
            inner = inner.rpartition("-")[0]
        return inner

    def place_url(self, place: str) -> str:
        block = self.block(place)
        return f"{self.editor}#{block}" if block else ""

    def place(self, place: str) -> str:
        """In words: the subject, or the block by its kind."""
        block = self.block(place)
        if block in ("subject", "preheader", ""):
            return block.capitalize()
        return self.found.blocks.get(block) or _kind(self.check.content, block)

    def shown(self, point: Point) -> Shown:
        place = point.place
        return Shown(point.words, point.n, self.people_url(point.keys), self.place(place), self.place_url(place))

    def hints(self) -> Iterator[Shown]:
        for number, one in enumerate(self.found.sample.hints):
            if one.level != Level.WARNING:
                yield self.shown(Point(one.text, one.place, one.n, (f"tried:hint:{number}",)))

    def gets(self) -> Iterator[tuple[str, Count]]:
        check = self.check
        yield "Get it", self.count((GETS,), check.people)
        for reason in Delivery.Reason:
            if self.counts.get(f"none:{reason}"):
                yield str(reason.label).capitalize(), self.count((f"none:{reason}",), check.people)
        if self.counts.get("unmade"):
            yield "The content could not be made for them", self.count(("unmade",), check.people)

    def split(self, split: Split) -> SplitRow:
        keys = reach(split.inside)
        of = n_of(keys, self.counts)
        within = self.says.get(split.inside[-1], "") if split.inside else ""
        rows = []
        for number, branch in enumerate(split.branches):
            count = self.count((f"branch:{split.key}:{number}",), of)
            why = "" if count.n else why_empty(split, number, self.counts)
            rows.append(BranchRow(branch.rule, branch.says, count, why))
        return SplitRow(split.name, self.place_url(split.place), within, self.count(keys, self.check.reached), rows)

    def token(self, number: int, token: Token) -> Row:
        keys = readers(token)
        head = Head(token.source, token.label, token.place, self.count(keys, self.check.reached))
        if token.tried is not None:
            return self.tried(head, f"token:{number}", token.tried, TOKENS)
        of = n_of(keys, self.counts)
        return self.row(head, TOKENS.values(), [self.count((f"token:{number}:{how}",), of) for how in TOKENS])

    def grid(self, grid: Grid) -> Row:
        keys, short = reach(grid.inside), self.counts.get(f"grid:{grid.block}:short", 0)
        note = f"{short:,} see fewer than {grid.limit} items" if short else ""
        head = Head(grid.name, note, f"blocks.{grid.block}", self.count(keys, self.check.reached))
        if grid.tried is not None:
            return self.tried(head, f"grid:{grid.block}", grid.tried, GRIDS)
        of = n_of(keys, self.counts)
        return self.row(head, GRIDS.values(), [self.count((f"grid:{grid.block}:{how}",), of) for how in GRIDS])

    def tried(self, head: "Head", key: str, by: Mapping[str, Sequence[int]], columns: Mapping[str, str]) -> Row:
        """Of what was asked for a few people only."""
        of = sum(map(len, by.values()))
        counts = [self.some(f"tried:{key}:{how}", len(by.get(how, ())), of) for how in columns]
        return self.row(head, columns.values(), counts, is_tried=True)

    def some(self, key: str, n: int, of: int) -> Count:
        return Count(n, of, self.people_url((key,)) if n else "")

    def row(
        self, head: "Head", columns: Iterable[str], counts: Sequence[Count | None], *, is_tried: bool = False
    ) -> Row:
        place = head.place
        return Row(
            name=head.name,
            note=head.note,
            place=self.place(place),
            place_url=self.place_url(place),
            reach=head.reach,
            counts=list(counts),
            columns=list(columns),
            is_tried=is_tried,
        )

    def offer(self, offer: Offer) -> Row:
        given = (f"offer:{offer.key}:given",)
        refused = sum(n for _, n in refusals(offer, self.counts).values())
        of = n_of(given, self.counts) + refused
        head = Head(offer.name, offer.key, offer.place, Count(of, self.check.reached, ""))
        return self.row(head, OFFERS, [self.count(given, of), Count(refused, of, "")])

    def refused(self, offer: Offer) -> Iterator[tuple[str, str, Count]]:
        of = sum(n for key, n in self.counts.items() if key.startswith(f"offer:{offer.key}:"))
        for why, (key, _) in refusals(offer, self.counts).items():
            yield offer.name, why, self.count((key,), of)

    def feeds(self) -> Iterator[Row]:
        for one in self.found.feeds:
            tried, failed = len(one.tried), len(one.failed)
            reached = self.count((f"feed:{one.block}",), self.check.reached)
            counts = [Count(tried - failed, tried, ""), self.some(f"tried:feed:{one.key}", failed, tried)]
            yield self.row(Head(one.name, one.why, one.place, reached), FEEDS, counts, is_tried=True)


@dataclass(frozen=True)
class Head:
    """What a row begins with."""

    name: str
    note: str
    place: str
    reach: Count


def _ids(content: Any) -> Iterator[str]:
    """Of all blocks, wherever they stand."""
    if isinstance(content, dict):
        if isinstance(content.get("id"), str) and "kind" in content:
            yield content["id"]
        for key in ("blocks", "else", "columns"):
            yield from _ids(content.get(key))
    elif isinstance(content, list):
        for one in content:
            yield from _ids(one)


def _kind(content: Any, block: str) -> str:
    found = _block(content, block) or {}
    return str(found.get("label") or found.get("kind", block)).capitalize()


def _block(content: Any, block: str) -> dict[str, Any] | None:
    if isinstance(content, dict):
        if content.get("id") == block and "kind" in content:
            return content
        return next((held for key in ("blocks", "else", "columns") if (held := _block(content.get(key), block))), None)
    if isinstance(content, list):
        return next((held for one in content if (held := _block(one, block))), None)
    return None
