"""What a shop has beside what its people did: who works there, the audit log, jobs, imports, quarantine, feeds, offers
with codes, webhooks with messages, and one person of whom there is far more than of others."""

from datetime import datetime
from io import BytesIO
from typing import Any

AUDIT, QUARANTINED, JOBS, IMPORTS, CODES, WEBHOOK_MESSAGES, BOUNCES = 50_000, 20_000, 5_000, 40, 100_000, 200_000, 5_000
BUSIEST_EVENTS, BUSIEST_CHANGES = 20_000, 3_000
ADMIN = "ada@bench.example"


def furnish(*, share: float, now: datetime) -> None:
    """`share` of the figures above: a small shop has less."""
    from django.db import connection

    user = _admin(now)
    _endpoints(user, now)
    _feeds(user, now)
    _offers(now)
    _imports(user, now)
    figures = {
        name.lower(): max(60, int(n * share)) for name, n in globals().items() if name.isupper() and isinstance(n, int)
    }
    with connection.cursor() as cursor:
        for statement in ROWS:
            cursor.execute(statement, {**figures, "user": user.pk, "now": now})


def _admin(now: datetime) -> Any:
    from cdp.accounts.models import Invitation, User
    from cdp.accounts.roles import Role, give_role
    from cdp.accounts.tokens import create_token

    made = User.objects.create_user(ADMIN, "a long enough password", name="Ada")
    give_role(made, role=Role.ADMIN)
    for number in range(30):
        other = User.objects.create_user(f"person{number}@bench.example", None, name=f"Person {number}")
        give_role(other, role=list(Role)[number % 4])
        create_token(made, name=f"Token {number}", scopes=["read"], expires_at=None, now=now)
    Invitation.objects.create(email="new@bench.example", role="viewer", hash="0" * 64, invited_by=made, expires_at=now)
    return made


def _endpoints(user: Any, now: datetime) -> None:
    from campaigns.webhooks.kinds import KINDS, Wants
    from campaigns.webhooks.save import Doer, Plan, create

    for number in range(8):
        plan = Plan(name=f"System {number}", url=f"https://system{number}.example/hook", wants=Wants(frozenset(KINDS)))
        create(plan, by=Doer(user), now=now)


def _feeds(user: Any, now: datetime) -> None:
    from campaigns.feeds.save import Plan, create

    for number in range(10):
        plan = Plan(
            name=f"Feed {number}", url=f"https://feed.example/{number}?city={{{{ profile.city }}}}", headers={},
            timeout_ms=1500, cache_s=300, most_bytes=200_000, schema=None, fallback=None,
        )  # fmt: skip
        create(plan, key=f"feed-{number}", by=user, now=now)


def _offers(now: datetime) -> None:
    from campaigns.models import Offer

    for number in range(10):
        Offer.objects.create(
            key=f"offer-{number}", name=f"Offer {number}", kind=Offer.Kind.PERCENT, value=5 + number, created_at=now,
            codes=Offer.Codes.UPLOADED, changed_at=now, is_for_best=number % 2 == 0, days_valid=30,
        )  # fmt: skip


def _imports(user: Any, now: datetime) -> None:
    from django.core.files.base import File

    from cdp.accounts.models import Source
    from cdp.connectors import imports

    source = Source.objects.create(name="Old shop", kind=Source.Kind.IMPORT)
    for number in range(IMPORTS):
        lines = [f"{row},buyer{row}@old.example,Name {row},Berlin" for row in range(200)]
        file = File(BytesIO("\n".join(["id,email,name,city", *lines]).encode()))
        one = imports.upload(file, name=f"people-{number}.csv", source=source, actor=user, now=now)
        if number % 4:
            type(one).objects.filter(pk=one.pk).update(queued_at=now, accepted=150, rejected=50, messages=150)
            type(one.job).objects.filter(pk=one.job_id).update(state="done", started_at=now, finished_at=now)


AT = "%(now)s::timestamptz - random() * interval '300 days'"
ROWS = (
    "insert into accounts_auditentry (at, actor_id, actor_name, verb, target, details) select " + AT + ", %(user)s,"
    " 'Ada', (array['changed segment', 'started campaign', 'merged people', 'changed trait rule', 'signed in'])[1 + i"
    " %% 5], 'Target ' || i %% 400, '{\"why\": \"bench\"}' from generate_series(1, %(audit)s) i",
    "insert into events_rejectedmessage (source_id, body, call, name, code, reason, meta, received_at, rejected_at,"
    " state, settled_at) select (select id from accounts_source order by id offset i %% 3 limit 1), convert_to("
    "'{\"type\": \"track\", \"event\": \"Order Completed\", \"userId\": \"u' || i || '\", \"properties\": {\"total\":"
    " \"much\"}}', 'UTF8'), 'track', (array['Order Completed', 'Product Viewed', 'Signed Up'])[1 + i %% 3],"
    " (array['shape', 'plan', 'consent', 'size'])[1 + i %% 4], 'properties.total is not a number', '{}', at, at,"
    " (array['waiting', 'waiting', 'replayed', 'dropped'])[1 + i %% 4], null from (select i, " + AT + " as at"
    " from generate_series(1, %(quarantined)s) i) drawn order by at",
    "insert into common_job (kind, title, state, done, total, params, result, checkpoint, error, is_cancel_requested,"
    " created_by_id, created_at, started_at, finished_at) select (array['segments.refresh', 'segments.check',"
    " 'scoring', 'identity.rules'])[1 + i %% 4], 'Job ' || i, 'done', 100, 100, '{}', '{}', '{}', '', false,"
    " %(user)s, at, at, at + interval '1 minute' from (select i, " + AT + " as at"
    " from generate_series(1, %(jobs)s) i) drawn",
    "insert into connectors_importproblem (of_id, row, \"column\", reason, cells) select o.id, i, 'email',"
    " 'is not an e-mail address', '[\"1\", \"x\"]' from connectors_import o, generate_series(1, 50) i"
    " where o.rejected > 0",
    "insert into campaigns_webhookmessage (endpoint_id, uid, kind, profile_id, body, state, attempts, created_at,"
    " next_at, fence, settled_at, status, answer, took_ms) select (select id from campaigns_endpoint order by id offset"
    " case when i %% 3 = 0 then i %% 8 else 0 end limit 1), gen_random_uuid(), (array['segment.entered',"
    " 'segment.left', 'score.changed'])[1 + i %% 3], i, '{\"type\": \"segment.entered\"}',"
    " (array['delivered', 'delivered', 'waiting', 'dead'])[1 + i %% 4], 1, at, at, 0, at, 200, 'ok', 30"
    " from (select i, %(now)s::timestamptz - random() * interval '20 days' as at"
    " from generate_series(1, %(webhook_messages)s) i) drawn",
    "insert into campaigns_offercode (offer_id, code, is_own) select (select id from campaigns_offer where codes ="
    " 'uploaded' order by id offset case when i %% 2 = 0 then 0 else i %% 10 end limit 1), 'UP-' || i, true"
    " from generate_series(1, %(codes)s) i",
    "insert into campaigns_offerredemption (offer_id, code, given_id, profile_id, order_id, at, value, discount,"
    " is_taken_back) select offer_id, upper(code), id, profile_id, 'redeemed-' || id, given_at + interval '1 day', 80,"
    " 8, id %% 20 = 0 from campaigns_offercode where delivery is not null and id %% 5 = 0",
    "insert into campaigns_bounce (address, ref, profile_id, record_id, is_hard, why, at) select address, ref,"
    " profile_id, record_id, true, 'no such mailbox', settled_at from campaigns_delivery where bounced_at is not null"
    " on conflict do nothing",
    "insert into privacy_suppression (namespace, value, reason, note, at) select 'email', 'gone' || i"
    " || '@old.example', (array['manual', 'import', 'bounce', 'complaint'])[1 + i %% 4], '', " + AT +
    " from generate_series(1, %(bounces)s) i on conflict do nothing",
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, item_id, value, properties,"
    " context, source_id, received_at) select p.id, at, 'busiest-' || i, r.id, 'Product Viewed', (select min(id) from"
    " events_item), null, '{\"category\": \"shoes\"}', '{}', r.source_id, at from (select i, " + AT + " as at from"
    " generate_series(1, %(busiest_events)s) i) drawn, (select min(id) id from profiles_profile where merged_into is"
    " null) p, lateral (select id, source_id from profiles_record where profile_id = p.id order by id limit 1) r",
    "insert into profiles_profilechange (profile_id, record_id, what, old, new, cause, at) select p.id, r.id,"
    " (array['city', 'plan', 'lastName'])[1 + i %% 3], to_jsonb(i), to_jsonb(i + 1), 'user:1', " + AT + " from"
    " generate_series(1, %(busiest_changes)s) i, (select min(id) id from profiles_profile where merged_into is null) p,"
    " lateral (select id from profiles_record where profile_id = p.id order by id limit 1) r",
    "insert into segments_membershipchange (segment_id, profile_id, kind, cause, at) select (select min(id) from"
    " segments_segment), (select min(id) from profiles_profile where merged_into is null), (array['entered',"
    " 'left'])[1 + i %% 2], 'event', " + AT + " from generate_series(1, %(busiest_changes)s) i",
    "insert into identity_identitysnapshot (at, took_ms, people, records, merges_24h, usual_merges, is_alarm, strays,"
    " figures) select s.at - i * interval '1 hour', s.took_ms, s.people, s.records, s.merges_24h, s.usual_merges,"
    " false, 0, s.figures from identity_identitysnapshot s, generate_series(1, 700) i",
)  # fmt: skip
