"""What a rule means, said slowly in plain Python, person by person. It shares no code with the language."""

import hashlib
import itertools
import math
import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.cdp.rules.compared import LENGTH, as_day, as_text, fits, limited, listed, same, span, units_between
from tests.cdp.rules.histories import ITEMS, MAILED, ZONES, Happened, Person

Json = Mapping[str, Any]
NEGATIVE = {
    "is_not": "is",
    "none_of": "one_of",
    "contains_none": "contains_any",
    "has_none": "has_any",
    "has_not_all": "has_all",
    "no_entry_contains": "entry_contains",
    "is_not_set": "is_set",
}


@dataclass(frozen=True)
class World:
    now: datetime
    zone: ZoneInfo
    people: list[Person]

    def holding(self, node: Json) -> set[int]:
        return {one.id for one in self.people if self.holds(node, one)}

    def holds(self, node: Json, person: Person) -> bool:
        kind = node["kind"]
        if kind == "all":
            return all(self.holds(child, person) for child in node["of"])
        if kind == "any":
            return any(self.holds(child, person) for child in node["of"])
        if kind == "not":
            return not self.holds(node["of"], person)
        found: bool = getattr(self, f"_{kind}")(node, person)
        return found

    def _trait(self, leaf: Json, person: Person) -> bool:
        return self.tested(leaf, person.traits.get(leaf["name"]), person)

    def _event(self, leaf: Json, person: Person) -> bool:
        measure = leaf.get("measure", "count")
        if measure in ("first", "last"):
            found = sorted(self.counting(leaf, person), key=lambda one: (one.at, one.key))
            if not found:
                return False
            end = found[-1 if measure == "last" else 0]
            return self.tested(leaf, self.looked_at(leaf, end), person, end)
        number = self.number({**leaf, "kind": "event"}, person)
        if number is None and measure in ("count", "sum", "distinct"):
            number = Fraction(0)
        return number is not None and limited(leaf, number)

    def _message(self, leaf: Json, person: Person) -> bool:
        did = bool(self.mails(leaf, person))
        return not did if str(leaf["op"]).startswith("not_") else did

    def mails(self, leaf: Json, person: Person) -> list[Happened]:
        """What the person, and no machine, did with the mails that are meant."""
        name = MAILED[leaf["op"].removeprefix("not_")]
        return [
            one
            for one in person.events
            if one.name == name
            and self.is_within(leaf.get("window", {"kind": "ever"}), one.at, person)
            and leaf.get("campaign") in (None, one.properties["campaign_id"])
            and one.properties.get("is_machine") is not True
        ]

    def _sequence(self, leaf: Json, person: Person) -> bool:
        first, *rest = leaf["steps"]
        return any(self._goes_on(rest, one, person) for one in self.counting({**leaf, **first}, person))

    def _goes_on(self, steps: list[Json], anchor: Happened, person: Person) -> bool:
        if not steps:
            return True
        step, rest = steps[0], steps[1:]
        until = anchor.at + span(step["within"]) if "within" in step else None
        later = [
            one
            for one in self.counting({"name": step["name"], "where": step.get("where", [])}, person)
            if one.at > anchor.at and (until is None or one.at <= until)
        ]
        if step.get("did", True):
            return any(self._goes_on(rest, one, person) for one in later)
        return not later and (until is None or until <= self.now) and self._goes_on(rest, anchor, person)

    def _anniversary(self, leaf: Json, person: Person) -> bool:
        text = person.traits.get(leaf["name"])
        try:
            born = date.fromisoformat(str(text)[:10])
        except ValueError:
            return False
        today = self.now.astimezone(self.zone_of(leaf, person)).date()
        for ahead in range(-400, 401):
            day = today + timedelta(days=ahead)
            written = (born.month, born.day)
            is_eve = (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3 and written == (2, 29)
            if day.year > born.year and ((day.month, day.day) == written or is_eve):
                within = {
                    "today": ahead == 0,
                    "within_next": 0 <= ahead <= leaf.get("days", 0),
                    "within_last": -leaf.get("days", 0) <= ahead <= 0,
                    "in_days": ahead == leaf.get("days"),
                    "this_month": (day.year, day.month) == (today.year, today.month),
                }
                if within[leaf["op"]]:
                    return True
        return False

    def _interval(self, leaf: Json, person: Person) -> bool:
        times = sorted(one.at for one in self.counting({"name": leaf["name"]}, person))
        if len(times) < leaf.get("least", 3) or times[0] == times[-1]:
            return False
        gaps = [Fraction((b - a) / timedelta(seconds=1)) for a, b in itertools.pairwise(times)]
        silent = Fraction((self.now - times[-1]) / timedelta(seconds=1))
        return silent >= Fraction(str(leaf["times"])) * statistics.mean(gaps)

    def _sample(self, leaf: Json, person: Person) -> bool:
        digest = hashlib.md5(f"{leaf['seed']}:{person.uuid}".encode(), usedforsecurity=False).digest()
        drawn = Fraction(int.from_bytes(digest[:4], "big"), 2**32) * 100
        return bool(leaf.get("from", 0) <= drawn < leaf["to"])

    def _item(self, leaf: Json, person: Person) -> bool:
        lines = []
        for one in self.counting({key: leaf[key] for key in ("name", "window") if key in leaf}, person):
            lines += self.lines(leaf, one)
        numbers = {
            "times": len(lines),
            "quantity": sum(line[1] for line in lines),
            "value": sum(line[2] or 0 for line in lines),
            "items": len({line[0] for line in lines}),
        }
        return limited({"op": "at_least", "value": 1, **leaf}, Fraction(numbers[leaf.get("measure", "times")]))

    def lines(self, leaf: Json, one: Happened) -> list[tuple[str, int, int | None]]:
        single = [(one.item, 1, one.value)] if one.item and not one.lines else []
        return [line for line in (*one.lines, *single) if self._is_meant(leaf, line[0])]

    def _seen(self, leaf: Json, person: Person) -> bool:
        return self._dated(leaf, (person.first_at if leaf["which"] == "first" else person.last_at).isoformat())

    def _segment(self, leaf: Json, person: Person) -> bool:
        entered, op = person.entered.get(leaf["id"]), leaf["op"]
        if op == "not_in":
            return entered is None
        if op == "left_within":
            left = [at for segment, at in person.left if segment == leaf["id"]]
            return entered is None and any(at > self.now - span(leaf) for at in left)
        if entered is None or op == "in":
            return entered is not None
        found: bool = entered > self.now - span(leaf) if op == "entered_within" else entered <= self.now - span(leaf)
        return found

    def _score(self, leaf: Json, person: Person) -> bool:
        found, op = person.scores.get(leaf["id"]), leaf["op"]
        if found is None:
            return False
        if op == "in_band":
            return found.band in leaf["bands"]
        if op not in ("expected_within", "overdue"):
            return limited(leaf, Fraction(str(found.value)))
        expected = found.expected_at
        if expected is None:
            return False
        is_next = self.now < expected <= self.now + span(leaf)
        return is_next if op == "expected_within" else expected <= self.now - span(leaf)

    def _overlap(self, leaf: Json, person: Person) -> bool:
        return limited(leaf, Fraction(len(person.entered.keys() & set(leaf["segments"]))))

    def _cluster(self, leaf: Json, person: Person) -> bool:
        return person.cluster in leaf["in"]

    def _consent(self, leaf: Json, person: Person) -> bool:
        op = leaf["op"]
        if op.startswith("not_"):
            return not self._consent({**leaf, "op": op.removeprefix("not_")}, person)
        of_person = [word for one in person.identifiers for word in self._words(leaf, person, one)]
        if op in ("granted", "denied", "unknown"):
            answer = "unknown" if not of_person else "granted" if all(of_person) else "denied"
            return bool(op == answer)
        address = self.address(leaf["channel"], person)
        is_suppressed = (leaf["channel"], address) in person.suppressed
        if op == "suppressed" or address is None or is_suppressed or "topic" not in leaf:
            return is_suppressed if op == "suppressed" else address is not None and not is_suppressed
        of_address = self._words(leaf, person, (leaf["channel"], address))
        return any(of_address) and all(of_address) and all(of_person)

    def _words(self, leaf: Json, person: Person, address: tuple[str, str]) -> list[bool]:
        """The newest word of the address about the purpose and about the topic."""
        found = []
        for topic in {"", leaf.get("topic", "")}:
            about = (address, leaf.get("purpose", "post"), topic)
            said = [one for one in person.words if (one.address, one.purpose, one.topic) == about]
            if said:
                found.append(max(said, key=lambda one: (one.at, not one.is_granted)).is_granted)
        return found

    def address(self, channel: str, person: Person) -> str | None:
        text = as_text(person.traits.get(channel, "")).strip()
        if channel == "email":
            return text.lower() if re.search(".@.", text) else None
        digits = re.sub("[^0-9]", "", text)
        return ("+" if text.startswith("+") else "") + digits if len(digits) >= 7 else None

    def _is_meant(self, leaf: Json, item: str) -> bool:
        category, brand = ITEMS[item]
        return {"item": item, "category": category, "brand": brand}[leaf["by"]] in leaf["values"]

    def _percentile(self, leaf: Json, person: Person) -> bool:
        return self._reaches(leaf, person, self.cut(leaf))

    _top = _percentile

    def _reaches(self, leaf: Json, person: Person, cut: Fraction | None) -> bool:
        number = self.number(leaf["of"], person)
        if number is None or cut is None:
            return False
        return number >= cut if leaf.get("side", "top") == "top" else number <= cut

    def cut(self, leaf: Json) -> Fraction | None:
        numbers = sorted(n for one in self.people if (n := self.number(leaf["of"], one)) is not None)
        is_top = leaf.get("side", "top") == "top"
        if not numbers:
            return None
        if leaf["kind"] == "top":
            size = int(min(leaf["count"], len(numbers)))
            return numbers[-size] if is_top else numbers[size - 1]
        share = Fraction(str(leaf["percent"])) / 100
        return numbers[max(0, math.ceil((1 - share if is_top else share) * len(numbers)) - 1)]

    def number(self, of: Json, person: Person) -> Fraction | None:
        if of["kind"] == "trait":
            value = person.traits.get(of["name"])
            return None if isinstance(value, bool) or not isinstance(value, int | float) else Fraction(value)
        found, measure = self.counting(of, person), of.get("measure", "count")
        values = [self.looked_at(of, one) for one in found]
        if not found:
            return None
        if measure == "count":
            return Fraction(len(found))
        if measure == "distinct":
            return Fraction(len({(isinstance(one, bool), repr(one)) for one in values if one is not None}))
        numbers = [Fraction(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        if measure == "sum":
            return sum(numbers, Fraction(0))
        if not numbers:
            return None
        return {"avg": statistics.mean(numbers), "min": min(numbers), "max": max(numbers)}[measure]

    def counting(self, of: Json, person: Person) -> list[Happened]:
        window = of.get("window", {"kind": "ever"})
        return [
            one
            for one in person.events
            if one.name == of["name"]
            and self.is_within(window, one.at, person)
            and all(self.tested(test, self.looked_at({"of": test}, one), person, one) for test in of.get("where", []))
        ]

    def is_within(self, window: Json, at: datetime, person: Person) -> bool:
        kind, now = window["kind"], self.now
        if kind == "between":
            second = timedelta(seconds=LENGTH[window["unit"]])
            return bool(now - window["to"] * second < at <= now - window["from"] * second)
        if kind == "calendar":
            zone = self.zone_of(window, person)
            day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
            return at <= now and units_between(day, today, window["unit"]) < window["amount"]
        if kind == "dates":
            on = at.astimezone(self.zone).date().isoformat()
            return window.get("from", "0") <= on <= window.get("to", "9") and at <= now
        if kind == "ever":
            return at <= now
        length = span(window)
        return {
            "last": now - length < at <= now,
            "before": at <= now - length,
            "next": now < at <= now + length,
        }[kind]

    def zone_of(self, said: Json, person: Person) -> ZoneInfo:
        own = person.traits.get("timezone")
        return ZoneInfo(own) if said.get("zone") == "own" and own in ZONES[:3] else self.zone

    def looked_at(self, of: Json, event: Happened) -> Any:
        what = of.get("of", {"column": "value"})
        if "property" in what:
            return event.properties.get(what["property"])
        category, brand = ITEMS[event.item] if event.item else ("", "")
        at = event.at.astimezone(self.zone)
        return {
            "item": event.item,
            "value": event.value,
            "category": category or None,
            "brand": brand or None,
            "date": at.date().isoformat(),
            "month": at.month,
            "day": at.day,
            "weekday": at.isoweekday(),
            "hour": at.hour,
        }[what["column"]]

    def tested(self, test: Json, value: Any, person: Person, event: Happened | None = None) -> bool:
        op, wanted = test["op"], test.get("value")
        if op in NEGATIVE or op.startswith("not_"):
            return not self.tested({**test, "op": NEGATIVE.get(op, op.removeprefix("not_"))}, value, person, event)
        if op == "is_set":
            return value is not None
        if "trait" in test or "other_property" in test:
            known = person.traits if "trait" in test else event.properties if event else {}
            wanted = known.get(test["trait"] if "trait" in test else test["other_property"])
            if wanted is None or (op != "is" and not fits(op, wanted)):
                return False
            test = {**test, "value": wanted}
        if value is None:
            return False
        if op in ("matches", "contains_any"):
            text = as_text(value).lower()
            if op == "matches":
                return re.search(test["value"], text, re.IGNORECASE | re.DOTALL) is not None
            return any(part.lower() in text for part in test["value"])
        if op in ("in_month", "on_day"):
            day = as_day(value)
            return day is not None and (day.month if op == "in_month" else day.day) in test["value"]
        if op in ("is", "one_of"):
            among: list[Any] = list(test["value"]) if op == "one_of" else [wanted]
            return any(same(value, one) for one in among)
        if op in ("contains", "starts_with", "ends_with"):
            text, part = as_text(value).lower(), str(wanted).lower()
            return {"contains": part in text, "starts_with": text.startswith(part), "ends_with": text.endswith(part)}[
                op
            ]
        if op in ("has_any", "has_all", "longer_than", "shorter_than", "has_exactly", "entry_contains"):
            return isinstance(value, list) and listed(op, value, wanted)
        if op in ("more_than", "at_least", "less_than", "at_most", "between"):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and limited(test, Fraction(value))
        return self._dated(test, value)

    def _dated(self, test: Json, value: Any) -> bool:
        at, op, now = self.instant(value), test["op"], self.now
        if at is None:
            return False
        if "unit" in test:
            length = span(test)
            return {
                "within_last": now - length < at <= now,
                "within_next": now < at <= now + length,
                "before_last": at <= now - length,
                "after_next": at > now + length,
            }[op]
        day = at.astimezone(self.zone).date().isoformat()
        last = test.get("to", test["value"])
        found: dict[str, bool] = {
            "before": day < test["value"],
            "after": day > last,
            "on": day == last,
            "between_dates": test["value"] <= day <= last,
        }
        return found[op]

    def instant(self, value: Any) -> datetime | None:
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None
        if at is None or at.tzinfo is not None:
            return at
        return at.replace(tzinfo=self.zone if len(str(value)) == 10 else UTC)
