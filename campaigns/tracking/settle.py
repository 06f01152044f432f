"""Hits become opens and clicks, once it is known what came along with them: of a person, or of a machine.

Each delivery is judged as a whole, once nothing came for `hold`; what comes later has it judged anew. A person's open
or click is told as an event once, a machine's by another name, so that whoever counts opens counts people. What was
told of a person and turns out to be a machine's is taken back on the delivery, and told as an event of its own: what
happened is not unsaid.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from campaigns.echo import Said, tell_all
from campaigns.models import Campaign, Delivery
from campaigns.tracking.judge import Look, Sent, machines
from campaigns.tracking_models import Hit
from cdp.events.ourselves import BY_MACHINE, CLICKED, NOT_CLICKED, NOT_OPENED, OPENED

AT_ONCE = 500
PATIENCE = 6
"""So many times `hold`, and a delivery that is asked for without a pause is judged all the same."""
AHEAD = timedelta(hours=1)
"""A provider whose clock is so far ahead is not waited for."""
HUMAN, MACHINE = Hit.Verdict.HUMAN, Hit.Verdict.MACHINE


def settle(*, now: datetime, hold: timedelta, limit: int = AT_ONCE) -> int:
    """How many deliveries were judged."""
    refs = _due(now=now, hold=hold, limit=limit)
    if refs:
        with transaction.atomic():
            _judge(refs, now=now)
    return len(refs)


def _due(*, now: datetime, hold: timedelta, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select ref from campaigns_hit where is_waiting group by ref"
            " having max(at) <= %s or min(at) <= %s or max(at) > %s order by min(at) limit %s",
            [now - hold, now - PATIENCE * hold, now + AHEAD, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _judge(refs: Sequence[UUID], *, now: datetime) -> None:
    """Under the lock of the deliveries, so that two workers tell nothing twice."""
    locked = Delivery.objects.select_for_update().filter(ref__in=refs).order_by("profile_id", "campaign_id")
    deliveries = {one.ref: one for one in locked}
    _drop_orphans(set(refs) - deliveries.keys())
    hits = Hit.objects.filter(ref__in=deliveries.keys()).order_by("ref", "at", "id")
    said: list[Said] = []
    judged: list[Hit] = []
    for ref, members in groupby(hits, key=lambda hit: hit.ref):
        theirs = list(members)
        if any(hit.is_waiting for hit in theirs):
            said += _judged(deliveries[ref], theirs)
            judged += theirs
    names = dict(Campaign.objects.filter(pk__in={one.campaign_id for one in judged}).values_list("pk", "name"))
    tell_all(said, names=names, now=now)
    _write_hits(judged)
    _write_deliveries([deliveries[ref] for ref in {hit.ref for hit in judged}])


def _drop_orphans(refs: Iterable[UUID]) -> None:
    """Of deliveries that are gone. One that a merge moves at this very moment is only overlooked, for a second."""
    gone = set(refs) - set(Delivery.objects.filter(ref__in=list(refs)).values_list("ref", flat=True))
    Hit.objects.filter(ref__in=gone).delete()


def _judged(delivery: Delivery, hits: Sequence[Hit]) -> list[Said]:
    """What is to be told. The hits and the delivery say what was found."""
    found = machines(map(_look, hits), sent=Sent(delivery.claimed_at, delivery.settled_at, delivery.delivered_at))
    said = []
    for hit in hits:
        why = found.get(hit.id)
        hit.verdict, hit.why, hit.is_waiting = (MACHINE if why else HUMAN), why or "", False
        if hit.told != hit.verdict and hit.kind != Hit.Kind.TRAP:
            said.append(_event(delivery, hit, is_taken_back=hit.told == HUMAN))
        hit.told = hit.verdict
    was_opened = delivery.opened_at is not None
    _set_times(delivery, hits)
    if delivery.opened_at and not was_opened and not _first(hits, Hit.Kind.OPEN, HUMAN):
        said.append(Said(OPENED, delivery, delivery.opened_at, {"is_machine": False, "known_by": "click"}, "click"))
    return said


def _look(hit: Hit) -> Look:
    signs = frozenset(hit.signs.split())
    return Look(hit.id, hit.kind, hit.at, (hit.target, hit.block), hit.agent, hit.place, signs)


def _event(delivery: Delivery, hit: Hit, *, is_taken_back: bool) -> Said:
    is_open = hit.kind == Hit.Kind.OPEN
    name = OPENED if is_open else CLICKED
    about: dict[str, object] = {"is_machine": hit.verdict == MACHINE}
    if not is_open:
        about |= {"link_url": hit.target, "block": hit.block}
    if hit.verdict == MACHINE:
        about["why"] = Hit.Why(hit.why).label
        name = BY_MACHINE[name]
    if is_taken_back:
        name = NOT_OPENED if is_open else NOT_CLICKED
    return Said(name, delivery, hit.at, about, hit.id.hex)


def _set_times(delivery: Delivery, hits: Sequence[Hit]) -> None:
    """Who followed a link had opened the mail, whether or not it showed its pictures."""
    opened, clicked = (_first(hits, kind, HUMAN) for kind in (Hit.Kind.OPEN, Hit.Kind.CLICK))
    delivery.clicked_at = clicked
    delivery.opened_at = min((at for at in (opened, clicked) if at), default=None)
    delivery.machine_opened_at = _first(hits, Hit.Kind.OPEN, MACHINE)
    trapped = [at for kind in (Hit.Kind.CLICK, Hit.Kind.TRAP) if (at := _first(hits, kind, MACHINE))]
    delivery.machine_clicked_at = min(trapped, default=None)


def _first(hits: Sequence[Hit], kind: str, verdict: str) -> datetime | None:
    return next((hit.at for hit in hits if hit.kind == kind and hit.verdict == verdict), None)


def _write_hits(hits: Sequence[Hit]) -> None:
    """By id alone: meanwhile a merge may have moved rows to another profile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_hit h set verdict = n.verdict, why = n.why, told = n.verdict, is_waiting = false"
            " from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) n(ref, id, verdict, why)"
            " where h.ref = n.ref and h.id = n.id",
            [
                [str(hit.ref) for hit in hits],
                [str(hit.id) for hit in hits],
                [hit.verdict for hit in hits],
                [hit.why for hit in hits],
            ],
        )


def _write_deliveries(deliveries: Sequence[Delivery]) -> None:
    times: Mapping[str, list[datetime | None]] = {
        name: [getattr(one, name) for one in deliveries]
        for name in ("opened_at", "machine_opened_at", "clicked_at", "machine_clicked_at")
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_delivery d set opened_at = n.opened, machine_opened_at = n.machine_opened,"
            " clicked_at = n.clicked, machine_clicked_at = n.machine_clicked"
            " from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
            " n(ref, opened, machine_opened, clicked, machine_clicked) where d.ref = n.ref",
            [[str(one.ref) for one in deliveries], *times.values()],
        )
