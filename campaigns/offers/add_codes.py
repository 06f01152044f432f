"""Codes of a list: which are new, and what is wrong with the others. None of them ever stands for two things."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models.functions import Upper

from campaigns.models import Offer, OfferCode
from campaigns.offers.codes import MOST, key_of
from cdp.common.copying import Cursor, texts

CODE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._+%#:/!*-]{{0,{MOST - 1}}}", re.ASCII)
"""What people can type and shops take; nothing that a spreadsheet would run or an order would cut in two."""
_ADD = """
insert into campaigns_offercode (offer_id, code, is_own)
select %s, w.code, true from unnest(%s::text[]) with ordinality w (code, n) order by w.n
on conflict do nothing
returning upper(code)
"""


class Verdict(StrEnum):
    ADDED = "added"
    TWICE = "twice"
    HERE = "here"
    ELSEWHERE = "elsewhere"
    INVALID = "invalid"


WORDS = {
    Verdict.TWICE: "stands in the list before",
    Verdict.HERE: "this offer has it already",
    Verdict.ELSEWHERE: "belongs to another offer",
    Verdict.INVALID: f"is no code: Latin letters, digits and . _ + % # : / ! * - after the first, {MOST} at most",
}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    line: Line
    verdict: Verdict
    offer: str = ""
    """The name of the other one."""

    @property
    def why(self) -> str:
        return f"{WORDS[self.verdict]}, “{self.offer}”" if self.offer else WORDS[self.verdict]


def is_code(text: str) -> bool:
    return CODE.fullmatch(text) is not None


def last_id() -> int:
    """Codes with a higher id are of a list that is read from now on."""
    newest = OfferCode.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def add(offer: Offer, lines: Sequence[Line], *, since: int) -> list[Judged]:
    """Keeps what is new. `since`: the last id before the first lines of this list were added."""
    wanted: dict[str, Line] = {}
    for line in lines:
        if is_code(line.text.strip()):
            wanted.setdefault(key_of(line.text), line)
    taken = _shared(wanted.keys())
    with connection.cursor() as cursor:
        added = _insert(cursor, offer, [line.text.strip() for key, line in wanted.items() if key not in taken])
    known = _known(wanted.keys() - added - taken.keys())
    return [_judge(line, offer, wanted, added, known | taken, since=since) for line in lines]


@dataclass(frozen=True, slots=True)
class Known:
    pk: int
    offer_id: int
    offer: str


def _judge(
    line: Line, offer: Offer, wanted: dict[str, Line], added: set[str], known: dict[str, Known], *, since: int
) -> Judged:
    key = key_of(line.text)
    if key not in wanted:
        return Judged(line, Verdict.INVALID)
    if wanted[key] is not line:
        return Judged(line, Verdict.TWICE)
    if key in added:
        return Judged(line, Verdict.ADDED)
    other = known[key]
    if other.offer_id != offer.pk:
        return Judged(line, Verdict.ELSEWHERE, other.offer)
    return Judged(line, Verdict.TWICE if other.pk > since else Verdict.HERE)


def _insert(cursor: Cursor, offer: Offer, codes: Sequence[str]) -> set[str]:
    cursor.execute(_ADD, [offer.pk, texts(codes)])
    return {key for (key,) in cursor.fetchall()}


def _known(keys: set[str]) -> dict[str, Known]:
    if not keys:
        return {}
    rows = OfferCode.objects.alias(key=Upper("code")).filter(is_own=True, key__in=keys).select_related("offer")
    return {key_of(row.code): Known(row.pk, row.offer_id, row.offer.name) for row in rows}


def _shared(wanted: Collection[str]) -> dict[str, Known]:
    """A code for everybody of another offer."""
    offers = Offer.objects.filter(codes=Offer.Codes.SHARED)
    return {key_of(one.shared_code): Known(0, one.pk, one.name) for one in offers if key_of(one.shared_code) in wanted}


def elsewhere(code: str, *, but: Offer | None) -> str:
    """The name of the offer that has this code already; empty: none."""
    key, pk = key_of(code), but.pk if but else 0
    row = OfferCode.objects.alias(key=Upper("code")).filter(is_own=True, key=key).select_related("offer").first()
    if row:
        return row.offer.name
    shared = Offer.objects.filter(codes=Offer.Codes.SHARED).exclude(pk=pk)
    return next((one.name for one in shared if key_of(one.shared_code) == key), "")
