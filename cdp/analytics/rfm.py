"""`rfm`: in certain bands by recency, frequency and money spent."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.analytics.definition import Known
from cdp.analytics.load import known_trait, traits_now
from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope

DIMENSIONS = ("recency", "frequency", "monetary")
BANDS = 5


@dataclass(frozen=True)
class RfmLeaf(Leaf):
    kind: ClassVar[str] = "rfm"
    bands: tuple[tuple[Known, tuple[int, ...]], ...]
    """For each dimension that is named, its trait and the bands that are meant."""

    @classmethod
    def parse(cls, fields: Fields) -> "RfmLeaf":
        fields.only("kind", *DIMENSIONS)
        named = [one for one in DIMENSIONS if fields.has(one)]
        if not named:
            raise RuleError(fields.place, f"needs bands of {', '.join(DIMENSIONS)}")
        return cls(tuple((_trait(one, fields), _bands(one, fields)) for one in named))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        band = {"type": "integer", "minimum": 1, "maximum": BANDS}
        bands = {"type": "array", "items": band, "minItems": 1, "maxItems": BANDS, "uniqueItems": True}
        required = [{"properties": dict.fromkeys(DIMENSIONS, bands), "required": [one]} for one in DIMENSIONS]
        return {"anyOf": required}

    def english(self) -> str:
        said = [f"{trait.label} is {' or '.join(map(str, bands))}" for trait, bands in self.bands]
        return f"whose {' and whose '.join(said)}"

    def members(self, scope: Scope) -> Members:
        (first, bands), *rest = self.bands
        also = [
            fill(" and v.profile_id in ({others})", others=self._in(trait, listed, scope)) for trait, listed in rest
        ]
        sql = self._in(first, bands, scope)
        return Members(Sql(sql.text + "".join(one.text for one in also),
                           (*sql.values, *(value for one in also for value in one.values))))  # fmt: skip

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select v.profile_id, string_agg(t.label || ': ' || trim_scale(v.number)::text, ', ' order by t.id)"
            " from analytics_computedvalue v join analytics_computedtrait t on t.id = v.trait_id"
            " where v.trait_id = any({ids}) and v.number is not null{narrowed} group by v.profile_id",
            ids=[trait.id for trait, _ in self.bands],
            narrowed=scope.narrowed("v.profile_id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset(f"computed:{trait.key}" for trait, _ in self.bands)

    def outside(self) -> frozenset[Outside]:
        return frozenset({traits_now})

    def _in(self, trait: Known, bands: tuple[int, ...], scope: Scope) -> Sql:
        return fill(
            "select v.profile_id from analytics_computedvalue v"
            " where v.trait_id = {id} and v.number = any({bands}::numeric[]){narrowed}",
            id=trait.id,
            bands=list(bands),
            narrowed=scope.narrowed("v.profile_id"),
        )


def _trait(dimension: str, fields: Fields) -> Known:
    return known_trait(Fields({"key": f"rfm_{dimension}"}, fields.at(dimension)))


def _bands(dimension: str, fields: Fields) -> tuple[int, ...]:
    values = fields.value(dimension)
    place = fields.at(dimension)
    if not isinstance(values, list) or not 1 <= len(values) <= BANDS or len(set(map(str, values))) < len(values):
        raise RuleError(place, f"must be a list of different bands from 1 to {BANDS}")
    listed = {f"{dimension}[{n}]": value for n, value in enumerate(values)}
    return tuple(Fields(listed, fields.place).whole(key, least=1, most=BANDS) for key in listed)
