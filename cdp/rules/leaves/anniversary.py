"""`anniversary`: the day of a date among the traits comes round again.

The day counts as it is written, so that a birthday does not move with a time zone; "today" is the deployment's, or the
person's own where the rule says so. 29 February comes round on 28 February in common years. The day itself, in its
own year, is not yet an anniversary.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import zones
from cdp.rules.days import DAY_SHAPE, midnight
from cdp.rules.fields import Fields
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Leaf, Own, Scope

OPS = {
    "today": "is today",
    "within_next": "is within the next {days} days",
    "within_last": "was within the last {days} days",
    "in_days": "is in exactly {days} days",
    "this_month": "is this month",
}
COUNTED = ("within_next", "within_last", "in_days")
MOST_DAYS = 300
DAY = timedelta(days=1)


@dataclass(frozen=True)
class AnniversaryLeaf(Leaf):
    kind: ClassVar[str] = "anniversary"
    name: str
    op: str
    days: int = 0
    is_own: bool = False

    @classmethod
    def parse(cls, fields: Fields) -> "AnniversaryLeaf":
        op = fields.choice("op", OPS)
        fields.only("kind", "name", "op", "zone", *(["days"] if op in COUNTED else []))
        days = fields.whole("days", least=1, most=MOST_DAYS) if op in COUNTED else 0
        is_own = fields.has("zone") and fields.choice("zone", ("deployment", "own")) == "own"
        return cls(fields.text("name"), op, days, is_own)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "op": {"enum": list(OPS)},
                "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
                "zone": {"enum": ["deployment", "own"]},
            },
            "required": ["name", "op"],
        }

    def english(self) -> str:
        own = " (in their own time zone)" if self.is_own else ""
        return f"whose anniversary of {self.name} {OPS[self.op].format(days=self.days)}{own}"

    def members(self, scope: Scope) -> Own:
        if not self.is_own:
            return Own(self._holding([self._on(self.around(_today(scope.now, scope.zone)))]))
        by_day: dict[date, list[str]] = defaultdict(list)
        for name, zone in zones.known().items():
            by_day[_today(scope.now, zone)].append(name)
        default = _today(scope.now, scope.zone)
        conditions = [
            fill(
                "({there} and {on})",
                there=zones.among(self._zone(), names, also_unknown=day == default),
                on=self._on(self.around(day)),
            )
            for day, names in by_day.items()
        ]
        return Own(self._holding(conditions))

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select id, {text} from profiles_profile where {text} is not null{narrowed}",
            text=self._text(),
            narrowed=scope.narrowed("id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"trait:{self.name}"} | ({f"trait:{zones.TRAIT}"} if self.is_own else set()))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """Only when a midnight passes: one scan of the traits, for the days that enter or leave."""
        if not self.is_own:
            old, new = _today(since, scope.zone), _today(scope.now, scope.zone)
            return () if old == new else (self._whose([self._between(old, new)], scope),)
        passed = zones.moved(_midnight, since=since, now=scope.now, otherwise=scope.zone)
        by_days: dict[tuple[date, date], list[Sql]] = defaultdict(list)
        for (_, _), (names, unknown) in passed.items():
            zone = zones.known()[names[0]] if names else scope.zone
            there = zones.among(self._zone(), names, also_unknown=unknown)
            by_days[_today(since, zone), _today(scope.now, zone)].append(there)
        return tuple(
            self._whose([fill("(({there}) and {on})", there=join(" or ", among), on=self._between(*days))], scope)
            for days, among in by_days.items()
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        zone = own if self.is_own else scope.zone
        today = _today(scope.now, zone)
        ahead = [today + n * DAY for n in range(1, 800)]
        changes: list[tuple[str, datetime]] = []
        for old, new in zip([today, *ahead], ahead, strict=False):
            days = set(self.around(old)) ^ set(self.around(new))
            changes += [(written, midnight(new, zone)) for day in days for written in _written(day)]
        return (
            fill(
                "select m.at from profiles_profile, unnest({written}::text[], {at}::timestamptz[]) m (written, at)"
                " where m.written = substr({text}, 6, 5){narrowed}",
                written=[written for written, _ in changes],
                at=[at for _, at in changes],
                text=self._text(),
                narrowed=scope.narrowed("id"),
            ),
        )

    def around(self, today: date) -> list[date]:
        """The days an anniversary may fall on."""
        if self.op == "this_month":
            first = today.replace(day=1)
            after = (first + 32 * DAY).replace(day=1)
        elif self.op == "in_days":
            first, after = today + self.days * DAY, today + (self.days + 1) * DAY
        else:
            first = today - self.days * DAY if self.op == "within_last" else today
            after = (today + self.days * DAY if self.op == "within_next" else today) + DAY
        return [first + n * DAY for n in range((after - first).days)]

    def _between(self, old: date, new: date) -> Sql:
        return self._on(set(self.around(old)) ^ set(self.around(new)))

    def _on(self, days: Iterable[date]) -> Sql:
        by_year: dict[int, list[str]] = defaultdict(list)
        for day in sorted(days):
            by_year[day.year] += _written(day)
        conditions = [
            fill(
                "(substr({text}, 6, 5) = any({written}) and left({text}, 4) < {year})",
                text=self._text(),
                written=written,
                year=f"{year:04}",
            )
            for year, written in by_year.items()
        ]
        return fill("({any})", any=join(" or ", conditions)) if conditions else Sql("false")

    def _whose(self, conditions: list[Sql], scope: Scope) -> Sql:
        return fill(
            "select id from profiles_profile where {holding}{narrowed}",
            holding=self._holding(conditions),
            narrowed=scope.narrowed("id"),
        )

    def _holding(self, conditions: list[Sql]) -> Sql:
        """The pattern costs most, so only those of the right day are matched with it."""
        return fill(
            "case when {any} then left({text}, 10) ~ {shape} else false end",
            text=self._text(),
            shape=DAY_SHAPE,
            any=join(" or ", conditions),
        )

    def _text(self) -> Sql:
        return Sql("(traits ->> %s)", (self.name,))

    def _zone(self) -> Sql:
        return Sql("(traits ->> %s)", (zones.TRAIT,))


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _midnight(zone: ZoneInfo, now: datetime) -> datetime:
    return midnight(_today(now, zone), zone)


def _written(day: date) -> list[str]:
    """How the dates are written whose anniversary is on that day."""
    is_eve = (day.month, day.day) == (2, 28) and (day + DAY).day == 1
    return [f"{day:%m-%d}", "02-29"] if is_eve else [f"{day:%m-%d}"]
