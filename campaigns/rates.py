"""Rates of an account: so many messages a second in all and to each domain, whoever sends them.

A token bucket for each, kept in the database: it holds one second's worth. What is above the rate of a domain is put
off, one message behind the other at the pace of the rate, and others go on meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from campaigns.models import Account, Delivery, RateBucket
from cdp.common.copying import texts

ANY = "*"
ALL = ""
"""The bucket of the account as a whole."""
KEPT = timedelta(days=1)
AHEAD = timedelta(minutes=5)


@dataclass(slots=True)
class Bucket:
    """`tokens` are what is left at this moment."""

    rate: float
    tokens: float
    queued_until: datetime

    def later(self, now: datetime) -> datetime:
        """The next place in the queue. Nobody is put off for longer than AHEAD, because rates may be raised: they are
        looked at again, spread over that time."""
        step = timedelta(seconds=1 / self.rate)
        self.queued_until = max(self.queued_until, now) + step
        if self.queued_until > now + AHEAD:
            self.queued_until = now + step
        return self.queued_until


def has_rates(account: Account | None) -> bool:
    return account is not None and bool(account.per_second or account.per_domain)


def room(account: Account | None, *, most: int, now: datetime) -> int:
    """How many messages may go in all at this moment, `most` at most: more need not be claimed."""
    if account is None or not account.per_second:
        return most
    found = RateBucket.objects.filter(account=account, domain=ALL).values_list("tokens", "at").first()
    if found is None:
        return min(most, account.per_second)
    return min(most, int(_filled(*found, rate=account.per_second, now=now)))


def put_off(account: Account, deliveries: Sequence[Delivery], *, now: datetime) -> dict[UUID, datetime]:
    """Takes a token for each; those for which there is none, and when to try again. In the caller's transaction, as its
    last locks: buckets are locked in the order of their domains."""
    buckets = _locked(account, {domain_of(one) for one in deliveries}, now=now)
    later: dict[UUID, datetime] = {}
    for one in deliveries:
        of_domain, of_all = buckets.get(domain_of(one)), buckets.get(ALL)
        short = next((bucket for bucket in (of_domain, of_all) if bucket and bucket.tokens < 1), None)
        if short is not None:
            later[one.ref] = short.later(now)
            continue
        for bucket in (of_domain, of_all):
            if bucket:
                bucket.tokens -= 1
    _keep(account, buckets, now=now)
    return later


def forget(*, now: datetime) -> None:
    """Domains that were not written to for a day: their buckets are full."""
    RateBucket.objects.filter(at__lt=now - KEPT, queued_until__lt=now).delete()


def domain_of(delivery: Delivery) -> str:
    return delivery.address.rpartition("@")[2].lower()


def _rate(account: Account, domain: str) -> float | None:
    if domain == ALL:
        return account.per_second
    rate: float | None = account.per_domain.get(domain, account.per_domain.get(ANY))
    return rate


def _locked(account: Account, domains: Iterable[str], *, now: datetime) -> dict[str, Bucket]:
    rates = {domain: rate for domain in {ALL, *domains} if (rate := _rate(account, domain))}
    names = sorted(rates)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_ratebucket (account_id, domain, tokens, at, queued_until)"
            " select %s, domain, rate, %s, %s from unnest(%s::text[], %s::float8[]) n(domain, rate)"
            " order by domain on conflict do nothing",
            [account.pk, now, now, texts(names), [float(rates[name]) for name in names]],
        )
        cursor.execute(
            "select domain, tokens, at, queued_until from campaigns_ratebucket"
            " where account_id = %s and domain = any(%s::text[]) order by domain for update",
            [account.pk, texts(names)],
        )
        return {
            domain: Bucket(rates[domain], _filled(tokens, at, rate=rates[domain], now=now), queued)
            for domain, tokens, at, queued in cursor.fetchall()
        }


def _filled(tokens: float, at: datetime, *, rate: float, now: datetime) -> float:
    """Workers' clocks differ a little: time that went back adds nothing."""
    return min(max(rate, 1.0), tokens + max(0.0, (now - at).total_seconds()) * rate)


def _keep(account: Account, buckets: dict[str, Bucket], *, now: datetime) -> None:
    """The time never goes back, or the same moment would be counted twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_ratebucket b set tokens = n.tokens, at = greatest(b.at, %s), queued_until = n.queued"
            " from unnest(%s::text[], %s::float8[], %s::timestamptz[]) n(domain, tokens, queued)"
            " where b.account_id = %s and b.domain = n.domain",
            [
                now,
                texts(list(buckets)),
                [one.tokens for one in buckets.values()],
                [one.queued_until for one in buckets.values()],
                account.pk,
            ],
        )
