"""Whom we may write to, asked at the moment of sending."""

from collections.abc import Sequence
from typing import Protocol

from django.db import connection

from campaigns.models import Campaign, Delivery
from cdp.common.copying import texts
from cdp.privacy.consent import current, of_profiles
from cdp.privacy.suppression import suppressed

NAMESPACE = "email"
ADDRESS = "case when p.traits ->> 'email' like '%%_@_%%' then lower(trim(p.traits ->> 'email')) end"
"""Of the profile p, in SQL: where their mail goes."""


class Addressed(Protocol):
    """A delivery, or somebody who may get one."""

    @property
    def profile_id(self) -> int: ...
    @property
    def address(self) -> str: ...


def refusals(campaign: Campaign, deliveries: Sequence[Addressed]) -> dict[str, Delivery.Reason]:
    """Address → why it gets nothing. Suppression always counts; consent where the campaign has a topic or a purpose."""
    addresses = sorted({one.address for one in deliveries})
    found = dict.fromkeys(_without_consent(campaign, deliveries, addresses), Delivery.Reason.NO_CONSENT)
    found.update(dict.fromkeys(suppressed(NAMESPACE, addresses), Delivery.Reason.SUPPRESSED))
    return found


def who_left(campaign: Campaign, deliveries: Sequence[Addressed]) -> dict[str, Delivery.Reason]:
    """Those who were asked about a moment ago and may not be written to any more. One statement looks for anybody who
    ever said no: they alone are asked about anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.value from privacy_suppression s where s.namespace = %(space)s"
            " and s.value = any(%(values)s::text[])"
            " union all select c.value from privacy_consent c where c.namespace = %(space)s"
            " and c.value = any(%(values)s::text[]) and not c.is_granted",
            {"space": NAMESPACE, "values": texts([one.address for one in deliveries])},
        )
        said = {row[0] for row in cursor.fetchall()}
    doubtful = [one for one in deliveries if one.address in said]
    return refusals(campaign, doubtful) if doubtful else {}


def _without_consent(campaign: Campaign, deliveries: Sequence[Addressed], addresses: Sequence[str]) -> set[str]:
    """Yes to the topic, or to its purpose where nothing was said of the topic; no to either is a no.

    A no from any other address of the same person counts too: the most restrictive word stands after a merge.
    """
    purpose = campaign.topic.purpose if campaign.topic else campaign.purpose
    if purpose is None:
        return set()
    refused: set[str] = set()
    granted: set[str] = set()
    ids = sorted({one.profile_id for one in deliveries})
    for topic in ("", campaign.topic.key) if campaign.topic else ("",):
        by_address = current(NAMESPACE, addresses, purpose=purpose.key, topic=topic)
        by_person = of_profiles(ids, purpose=purpose.key, topic=topic)
        granted |= {address for address, said in by_address.items() if said}
        refused |= {address for address, said in by_address.items() if not said}
        refused |= {one.address for one in deliveries if by_person.get(one.profile_id) is False}
    return refused | (set(addresses) - granted)
