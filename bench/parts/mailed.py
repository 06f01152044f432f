"""People to write to, for the bench of rendering: what a shop knows of them after half a year, and a segment, scores
and recommendations made ahead."""

from datetime import datetime
from typing import Any

from bench.parts import visited
from bench.parts.past import ITEMS

LISTED = 20
"""Items in a person's list."""


def preload(*, profiles: int, now: datetime) -> None:
    """The past of bench.parts.visited, 20 events each; the rest in SQL."""
    from django.db import connection

    from scoring.models import Predictor
    from scoring.recommend.run import settings_row
    from segments.models import Segment

    visited.preload(profiles=profiles, events=20 * profiles, now=now)
    Predictor.objects.create(pk=1, name="Buys soon", kind=Predictor.Kind.PURCHASE, days=30, created_at=now)
    Segment.objects.create(pk=1, name="Frequent buyers", rule={}, created_at=now, changed_at=now)
    recommending = settings_row()
    type(recommending).objects.filter(pk=recommending.pk).update(ran_at=now)
    values: dict[str, Any] = {"n": profiles, "items": ITEMS, "listed": LISTED, "now": now}
    with connection.cursor() as cursor:
        for statement in KNOWN:
            cursor.execute(statement, values)
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")


KNOWN = (
    "update profiles_profile set traits = traits || jsonb_build_object("
    " 'firstName', (array['Ada', 'Björn', 'Chloé', 'Dmitri', 'Elif', 'Fen', 'Giulia', 'Hana'])[1 + id %% 8],"
    " 'lastName', 'Name' || id %% 977, 'email', 'user' || id || '@example.com',"
    " 'city', (array['Berlin', 'Roma', 'Lyon', 'Madrid', 'Kraków', 'Oslo'])[1 + (id / 3) %% 6],"
    " 'company', case when id %% 4 = 0 then 'O''Neill & Sons ' || id %% 97 end,"
    " 'size', (array['S', 'M', 'L'])[1 + id %% 3],"
    " 'style', (array['classic', 'sport', 'street'])[1 + id %% 3], 'store', 'Store ' || id %% 40,"
    " 'phone', '+4930' || 1000000 + id, 'language', 'en')",
    "update events_item set name = 'Everyday ' || category || ' no. ' || substr(id, 6),"
    " price = 10 + (hashtext(id) & 127),"
    " currency = 'EUR', url = 'https://shop.example/products/' || id,"
    " image_url = 'https://cdn.shop.example/products/' || id || '/front-600.jpg'",
    "insert into scoring_score (profile_id, predictor_id, value, percentile, band, is_cold, model_id, scored_at)"
    " select i, 1, (i * 7919 %% 1000) / 1000.0, i * 7919 %% 1000 / 10.0,"
    " case when i * 7919 %% 1000 > 800 then 'high' when i * 7919 %% 1000 > 400 then 'medium' else 'low' end,"
    " false, 1, %(now)s from generate_series(1, %(n)s) i",
    "insert into segments_membership (profile_id, segment_id, entered_at)"
    " select i, 1, %(now)s::timestamptz - interval '9 days' from generate_series(1, %(n)s) i where i %% 5 < 2",
    "insert into scoring_recommendation (profile_id, items, computed_at) select i, jsonb_agg(jsonb_build_array("
    " 'item-' || 1 + (i * 31 + k * 17) %% %(items)s, round((0.5 - k * 0.02)::numeric, 3), 'similar',"
    " 'item-' || 1 + (i * 13 + k) %% %(items)s, 1) order by k), %(now)s"
    " from generate_series(1, %(n)s) i, generate_series(1, %(listed)s) k group by i",
    # As the product computes them: how many orders, and what they were worth.
    "insert into analytics_computedvalue (profile_id, trait_id, number) select profile_id, t.id,"
    " case t.key when 'frequency' then n else worth end from (select profile_id, count(*) n, sum(total) worth"
    " from events_order group by 1) o, analytics_computedtrait t where t.key in ('frequency', 'monetary')",
    "insert into analytics_computedvalue (profile_id, trait_id, text) select i, t.id,"
    " (array['shoes', 'hats', 'coats', 'bags', 'belts'])[1 + i %% 5] from generate_series(1, %(n)s) i,"
    " analytics_computedtrait t where t.key = 'favourite_category' and i %% 7 > 0",
)
