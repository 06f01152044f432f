"""From an import's file and mapping to units: the one reading that dry run and real run share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cdp.connectors import happenings, order_lines, people
from cdp.connectors.cells import BadCell, DateOrder, to_time
from cdp.connectors.tables import Form, Row, recognise, rows
from cdp.connectors.units import Column, Columns, Options, Problem, Unit, moved

CONVERTERS: Mapping[str, Callable[[Iterator[Row], Columns, Options], Iterator[Unit]]] = {
    "people": people.people,
    "consents": people.consents,
    "suppressions": people.suppressions,
    "events": happenings.events,
    "items": happenings.items,
}
SAMPLE = 20_000
FIRST = 20


class UnknownZone(ValueError):
    """There is no such time zone. Use a name such as Europe/Berlin."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A file with what its columns are for."""

    path: Path
    form: Form
    preset: str
    columns: Columns
    options: Options


@dataclass(slots=True)
class Found:
    """What a dry run saw."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    messages: int = 0
    words: int = 0
    suppressed: int = 0
    items: int = 0
    is_whole: bool = True
    skipped: dict[str, dict[str, Any]] = field(default_factory=dict)
    first_problems: list[Problem] = field(default_factory=list)


def make_plan(path: Path, *, preset: str, columns: list[list[str]], options: Options) -> Plan:
    form = recognise(path)
    named = [
        Column(index, header, *said) for index, (header, said) in enumerate(zip(form.headers, columns, strict=True))
    ]
    return Plan(path, form, preset, Columns(named), options)


def make_options(said: Mapping[str, Any], *, source_id: int, how: str, now: datetime) -> Options:
    """Options as they are kept with the import. Raises UnknownZone."""
    return Options(
        source_id=source_id,
        how=how,
        now=now,
        currency=str(said.get("currency", "")).upper(),
        date_order=DateOrder(said.get("date_order") or DateOrder.YEAR_FIRST),
        zone=zone_of(str(said.get("zone") or "UTC")),
        refund_prefix=str(said.get("refund_prefix", "")),
        charge_codes=frozenset(str(code).upper() for code in said.get("charge_codes", ())),
        upper_codes=bool(said.get("upper_codes")),
        adds_items=bool(said.get("adds_items")),
        item_url=str(said.get("item_url", "")),
        shift=timedelta(days=int(said.get("shift_days") or 0)),
    )


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnknownZone(UnknownZone.__doc__) from error


def units(plan: Plan, *, limit: int | None = None) -> Iterator[Unit]:
    """All units of the file, in an order that is the same every time; of its first `limit` rows if given."""
    shift = plan.options.shift
    for unit in _units(plan, limit):
        if shift:
            unit.messages = [moved(message, by=shift) for message in unit.messages]
        yield unit


def _units(plan: Plan, limit: int | None) -> Iterator[Unit]:
    read = islice(_readable(plan), limit)
    if plan.preset != "orders":
        return CONVERTERS[plan.preset](read, plan.columns, plan.options)
    lines = order_lines.count_lines(islice(_readable(plan), limit), plan.columns)
    return order_lines.orders(read, plan.columns, plan.options, lines=lines)


def _readable(plan: Plan) -> Iterator[Row]:
    return rows(plan.path, plan.form)


def count_rows(plan: Plan) -> int:
    return sum(1 for _ in _readable(plan))


def days_to(moment: datetime, plan: Plan) -> int:
    """By how many days the file's times must be moved for the newest to lie in the 24 hours before the moment."""
    newest = max(_times(plan), default=moment)
    return (moment - newest) // timedelta(days=1)


def _times(plan: Plan) -> Iterator[datetime]:
    """Of all rows that have one; what cannot be read is told when the row is."""
    last = ""
    for row in _readable(plan):
        text = plan.columns.text(row, "occurred_at")
        if text and text != last:
            last = text
            try:
                yield to_time(text, order=plan.options.date_order, zone=plan.options.zone)
            except BadCell:
                continue


def dry_run(plan: Plan, *, limit: int | None = SAMPLE) -> Found:
    """What the import would do with the file, or with its first rows. Writes nothing."""
    found = Found()
    for unit in units(plan, limit=limit):
        found.rows += unit.rows
        found.messages += len(unit.messages)
        found.words += len(unit.words)
        found.suppressed += len(unit.suppressed)
        found.items += len(unit.items) + len(unit.new_items)
        if unit.problem is not None:
            found.rejected += unit.rows
            if len(found.first_problems) < FIRST:
                found.first_problems.append(unit.problem)
        elif unit.skip is None:
            found.accepted += unit.rows
        add_skip(found.skipped, unit)
    found.is_whole = limit is None or found.rows < limit
    return found


def add_skip(skipped: dict[str, dict[str, Any]], unit: Unit) -> None:
    if unit.skip is None:
        return
    told = skipped.setdefault(unit.skip.reason, {"rows": 0, "things": 0, "amount": "0"})
    told["rows"] += unit.rows
    told["things"] += 1
    if unit.skip.amount is not None:
        told["amount"] = str(type(unit.skip.amount)(told["amount"]) + unit.skip.amount)
