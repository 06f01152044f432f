"""Who has which finding, kept as bits beside the ids of a lot: a finding of a million people takes 125 KB."""

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from campaigns.models import Check, CheckLot, CheckMark

PAGE_SIZE = 50


@dataclass(slots=True)
class Marks:
    """Of one lot: for each finding the places of its people in the lot."""

    ids: Sequence[int]
    at: dict[str, list[int]] = field(default_factory=dict)

    def add(self, key: str, position: int) -> None:
        self.at.setdefault(key, []).append(position)


@dataclass(frozen=True)
class IdPage:
    ids: list[int]
    next: str
    previous: str


def keep(check: Check, number: int, marks: Marks, *, notes: Mapping[str, Any]) -> None:
    """One lot with all its marks, or nothing of it."""
    with transaction.atomic():
        lot = CheckLot.objects.create(
            parent=check,
            number=number,
            first_id=marks.ids[0],
            last_id=marks.ids[-1],
            n=len(marks.ids),
            ids=struct.pack(f"<{len(marks.ids)}q", *marks.ids),
            notes=dict(notes),
        )
        CheckMark.objects.bulk_create(
            CheckMark(lot=lot, key=key, n=len(places), bits=_bits(places, len(marks.ids)))
            for key, places in sorted(marks.at.items())
        )


def last_lot(check: Check) -> tuple[int, int]:
    """Number and last id of the last lot that was kept; zeros before the first."""
    found = CheckLot.objects.filter(parent=check).order_by("-number").values_list("number", "last_id").first()
    return found or (0, 0)


def counts(check: Check) -> dict[str, int]:
    """Finding → how many people."""
    rows = CheckMark.objects.filter(lot__parent=check).values("key").annotate(people=Sum("n"))
    return {row["key"]: row["people"] for row in rows}


def first_of(check: Check, keys: Collection[str], *, most: int, after: int = 0) -> list[int]:
    """The first ids behind `after` of those who have all these findings."""
    return list(_some(check, keys, start=after, most=most, is_back=False))


def page_of(check: Check, keys: Collection[str], *, after: int | None = None, before: int | None = None) -> IdPage:
    """Those who have all these findings, in the order of their ids."""
    is_back = before is not None
    start = (before if before is not None else after) or 0
    found = list(_some(check, keys, start=start, most=PAGE_SIZE + 1, is_back=is_back))
    has_more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if is_back:
        found.reverse()
    more_after, more_before = (bool(found), has_more) if is_back else (has_more, bool(after and found))
    return IdPage(found, str(found[-1]) if more_after else "", str(found[0]) if more_before else "")


def count_both(check: Check, keys: Collection[str]) -> int:
    """How many have all of them."""
    return sum(both.bit_count() for _, both in _lots(check, keys, start=0, is_back=False))


def _some(check: Check, keys: Collection[str], *, start: int, most: int, is_back: bool) -> Iterator[int]:
    left = most
    for ids, both in _lots(check, keys, start=start, is_back=is_back):
        places = list(_places(both))
        for place in reversed(places) if is_back else places:
            if (ids[place] < start) if is_back else (ids[place] > start):
                yield ids[place]
                left -= 1
                if not left:
                    return


def _lots(check: Check, keys: Collection[str], *, start: int, is_back: bool) -> Iterator[tuple[tuple[int, ...], int]]:
    """Ids of each lot, and the bits of those who have all of it; a few lots at a time."""
    wanted = sorted(set(keys))
    beyond, order = ("l.first_id < %s", "desc") if is_back else ("l.last_id > %s", "asc")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select l.first_id, l.last_id, l.n, l.ids, array_agg(m.bits) from campaigns_checklot l"
                " join campaigns_checkmark m on m.lot_id = l.id and m.key = any(%s)"
                f" where l.parent_id = %s and {beyond} group by l.id having count(*) = %s"
                f" order by l.number {order} limit 4",
                [wanted, check.pk, start, len(wanted)],
            )
            rows = cursor.fetchall()
        for _, _, n, ids, bits in rows:
            both = int.from_bytes(bits[0], "little")
            for one in bits[1:]:
                both &= int.from_bytes(one, "little")
            yield struct.unpack(f"<{n}q", ids), both
        if len(rows) < 4:
            return
        start = rows[-1][0] if is_back else rows[-1][1]


def _bits(places: Sequence[int], n: int) -> bytes:
    made = bytearray((n + 7) // 8)
    for place in places:
        made[place >> 3] |= 1 << (place & 7)
    return bytes(made)


def _places(bits: int) -> Iterator[int]:
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        while byte:
            lowest = byte & -byte
            yield 8 * at + lowest.bit_length() - 1
            byte ^= lowest


def notes_of(check: Check) -> Iterator[dict[str, Any]]:
    """Of one lot after the other."""
    rows = CheckLot.objects.filter(parent=check).order_by("number").values_list("notes", flat=True)
    yield from rows.iterator(chunk_size=20)
