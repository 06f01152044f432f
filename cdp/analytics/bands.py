"""`band`: a person's fifth among all who have a number, 1 the worst and 5 the best. `cell`: several bands in a word.

The fifths are parted by published cuts (cdp/rules/cuts): everybody is compared with the same ones until they are
measured anew. Equal numbers are in one band, that of the first of them: if half of all bought once, they are all in 1.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.analytics.definition import Definition, Facts, Known, KnownTraits, Picked, Type
from cdp.analytics.numbers import EXPRESSIONS, ComputedNumber
from cdp.rules.cuts import ShareCut
from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope

BANDS = 5
BEST = ("high", "low")
MOST_PARTS = 5


@dataclass(frozen=True)
class NumberFacts(Facts):
    of: ComputedNumber

    def rows(self, scope: Scope) -> Sql:
        return self.of.rows(scope)


@dataclass(frozen=True)
class BandDefinition(Definition):
    kind: ClassVar[str] = "band"
    of: ComputedNumber
    is_high_best: bool

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "BandDefinition":
        of = _named(fields, fields.text("of"), "of", known)
        if of.type not in EXPRESSIONS:
            raise RuleError(fields.at("of"), f"“{of.label}” is no number")
        return cls(ComputedNumber.of(of), fields.choice("best", BEST) == "high" if fields.has("best") else True)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {"of": {"type": "string", "minLength": 1}, "best": {"enum": list(BEST)}},
            "required": ["of"],
        }

    @property
    def type(self) -> Type:
        return Type.NUMBER

    @property
    def facts(self) -> NumberFacts:
        return NumberFacts(self.of)

    @property
    def parents(self) -> frozenset[str]:
        return frozenset({self.of.key})

    def cuts(self) -> tuple[ShareCut, ...]:
        """From the smallest number on: each parts off a fifth more."""
        return tuple(ShareCut(self.of, False, 100 * n / BANDS) for n in range(1, BANDS))

    def picked(self, scope: Scope) -> Picked:
        bands = range(1, BANDS + 1) if self.is_high_best else range(BANDS, 0, -1)
        arms = [
            fill("when f.number <= {cut} then {band}", cut=cut.value_in(scope).value, band=band)
            for band, cut in zip(bands, self.cuts(), strict=False)
        ]
        return Picked(fill("(case {arms} else {last} end)::numeric", arms=join(" ", arms), last=bands[-1]))

    def english(self) -> str:
        return f"the fifth by {self.of.english()}, from 1 to 5, where 5 is the {self._best()}"

    def _best(self) -> str:
        if self.of.trait.type is Type.DURATION:
            return "longest ago" if self.is_high_best else "most recent"
        return "highest" if self.is_high_best else "lowest"

    def follows(self, fact: str) -> bool:
        return fact in self.of.depends()


@dataclass(frozen=True)
class CellFacts(Facts):
    """Those who have every part."""

    ids: tuple[int, ...]

    def rows(self, scope: Scope) -> Sql:
        first, *rest = (f"p{n}" for n in range(len(self.ids)))
        joined = [
            fill(f" join analytics_computedvalue {alias} on {alias}.profile_id = {first}.profile_id"
                 f" and {alias}.trait_id = {{id}} and {alias}.number is not null", id=id_)
            for alias, id_ in zip(rest, self.ids[1:], strict=True)
        ]  # fmt: skip
        word = " || '-' || ".join(f"trim_scale(p{n}.number)::text" for n in range(len(self.ids)))
        return fill(
            f"select {first}.profile_id, {word} as value from analytics_computedvalue {first}{{joined}}"
            f" where {first}.trait_id = {{id}} and {first}.number is not null{{narrowed}}",
            joined=join("", joined),
            id=self.ids[0],
            narrowed=scope.narrowed(f"{first}.profile_id"),
        )


@dataclass(frozen=True)
class CellDefinition(Definition):
    kind: ClassVar[str] = "cell"
    of: tuple[Known, ...]

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "CellDefinition":
        keys = fields.texts("of", most=MOST_PARTS)
        found = tuple(_named(fields, key, f"of[{n}]", known) for n, key in enumerate(keys))
        for n, one in enumerate(found):
            if one.type is not Type.NUMBER or one.half_life:
                raise RuleError(fields.at(f"of[{n}]"), f"“{one.label}” is no plain number")
        return cls(found)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        keys = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": MOST_PARTS}
        return {"properties": {"of": keys}, "required": ["of"]}

    @property
    def type(self) -> Type:
        return Type.TEXT

    @property
    def facts(self) -> CellFacts:
        return CellFacts(tuple(one.id for one in self.of))

    @property
    def parents(self) -> frozenset[str]:
        return frozenset(one.key for one in self.of)

    def picked(self, scope: Scope) -> Picked:
        return Picked(Sql("f.value"))

    def english(self) -> str:
        return " – ".join(f"“{one.label}”" for one in self.of) + " in one word, such as 5-4-3"

    def follows(self, fact: str) -> bool:
        return fact.removeprefix("computed:") in self.parents and fact.startswith("computed:")


def _named(fields: Fields, key: str, place: str, known: KnownTraits) -> Known:
    if key not in known:
        raise RuleError(fields.at(place), f"there is no computed trait “{key}” that is on")
    return known[key]
