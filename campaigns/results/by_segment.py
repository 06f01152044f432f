"""The same numbers for those recipients who are in a segment now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from campaigns.models import Campaign
from campaigns.results.counts import COLUMNS, Counts
from segments.models import Segment

MOST = 20
FIRST = 6
_LEDGER = f"""
select m.segment_id, d.state, d.reason, {COLUMNS}
  from campaigns_delivery d join segments_membership m on m.profile_id = d.profile_id
 where d.campaign_id = %s and m.segment_id = any(%s) group by m.segment_id, d.state, d.reason
"""
_ORDERS = """
select m.segment_id, count(*), sum(k.value)
  from campaigns_conversion k join segments_membership m on m.profile_id = k.profile_id
 where k.campaign_id = %s and m.segment_id = any(%s) group by m.segment_id
"""


@dataclass(frozen=True)
class OfSegment:
    segment: Segment
    counts: Counts


def by_segment(campaign: Campaign, segments: Sequence[Segment]) -> list[OfSegment]:
    found = {one.pk: OfSegment(one, Counts()) for one in segments[:MOST]}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, [campaign.pk, list(found)])
        for segment_id, *row in cursor.fetchall():
            found[segment_id].counts.add(*row)
        cursor.execute(_ORDERS, [campaign.pk, list(found)])
        for segment_id, *row in cursor.fetchall():
            found[segment_id].counts.earn(*row)
    return list(found.values())
