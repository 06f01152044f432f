"""Whom a campaign is for: as SQL and as a rule it is the same people."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import target
from campaigns.models import Campaign
from campaigns.preview_people import audience_for
from cdp.rules.parse import parse
from cdp.rules.sets import matching
from cdp.rules.tree import UTC, Scope
from segments.uses import uses_of
from tests.campaigns.plan.cases import a_campaign, a_segment, some_people
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW, rows

pytestmark = pytest.mark.django_db


def members(campaign: Campaign) -> set[int]:
    found = target.members_sql(campaign, Scope(NOW, None, UTC))
    return {pk for (pk,) in rows(found.text, *found.values)}


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_sql_and_rule_and_json_say_the_same(data: st.DataObject) -> None:
    ids = some_people(6, city="Oslo") + some_people(4, city="Rome")
    drawn = [a_segment(sorted(data.draw(st.sets(st.sampled_from(ids))))) for _ in range(4)]
    own = data.draw(st.sampled_from([None, rule(trait("city", "is", "Oslo"))]))
    inside, outside = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))
    campaign = a_campaign(*drawn[:inside], excluded=tuple(drawn[2 : 2 + outside]), rule=own)
    found = members(campaign) & set(ids)
    assert found == target.among(campaign, ids, now=NOW, zone=UTC)
    assert found == set(audience_for(campaign, now=NOW, zone=UTC).people().values_list("pk", flat=True)) & set(ids)
    assert found == matching(parse(target.document_of(campaign)), ids, now=NOW, zone=UTC)


def test_it_is_said_in_words_and_counted() -> None:
    ids = some_people(3, city="Oslo") + some_people(1, city="Rome")
    one, other = a_segment(ids, "Buyers"), a_segment(ids[:1], "Staff")
    plain = a_campaign(one)
    assert (target.words(plain), target.known_size(plain)) == ("everybody in “Buyers”", 4)
    campaign = a_campaign(one, excluded=(other,), rule=rule(trait("city", "is", "Oslo")))
    assert target.known_size(campaign) is None
    assert target.size(campaign, now=NOW, zone=UTC) == 2
    said = target.words(campaign)
    assert said.startswith("everybody in “Buyers”, but not in “Staff”; of these only people")


def test_segments_in_out_and_of_the_rule_know_who_uses_them() -> None:
    one, other, third = a_segment([]), a_segment([]), a_segment([])
    own = rule({"kind": "segment", "id": third.pk, "op": "in"})
    campaign = a_campaign(one, excluded=(other,), rule=own, state=Campaign.State.SENDING)
    uses = uses_of([one.pk, other.pk, third.pk])
    assert {pk: [(use.name, use.is_sending) for use in found] for pk, found in uses.items()} == {
        one.pk: [(campaign.name, True)],
        other.pk: [(campaign.name, False)],
        third.pk: [(campaign.name, False)],
    }
