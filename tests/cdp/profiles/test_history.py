"""A person as of any time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.profiles.history import as_of
from cdp.profiles.models import Profile
from tests.cast import Cast
from tests.taking_in import NOW, ago, identify, take_in

pytestmark = pytest.mark.django_db


def only() -> Profile:
    return Profile.objects.get(merged_into=None)


def then(at: datetime) -> dict[str, Any]:
    return {trait.name: trait.value for trait in as_of(only(), at).traits}


def test_traits_and_identifiers_are_those_of_the_time() -> None:
    take_in([identify("1", traits={"city": "Ulm"}, at=ago(days=9))], of="crm")
    take_in([identify("1", traits={"city": "Bonn", "email": "a@x.org"}, at=ago(days=5))], of="crm")
    take_in([identify("1", traits={"city": None}, at=ago(days=1))], of="crm")
    assert then(ago(days=10)) == {}
    assert then(ago(days=9)) == {"city": "Ulm"}
    assert then(ago(days=5)) == {"city": "Bonn", "email": "a@x.org"}
    assert then(NOW) == {"email": "a@x.org"} == only().traits
    known = [one.namespace for one in as_of(only(), ago(days=6)).identifiers]
    assert known == ["user_id"]
    assert not as_of(only(), ago(days=10)).is_known


def test_a_word_that_arrived_late_takes_effect_no_earlier_than_what_it_replaced() -> None:
    """The merge today brought Bonn (said 3 days ago); what was said 2 days ago arrives after it."""
    take_in([identify("1", traits={"city": "Ulm", "email": "a@x.org"}, at=ago(days=9))], of="crm")
    take_in([identify(anonymousId="w", traits={"city": "Bonn"}, at=ago(days=3))], of="web")
    take_in([identify(anonymousId="w", traits={"email": "a@x.org"}, at=ago(hours=1))], of="web")
    assert only().traits["city"] == "Bonn"
    take_in([identify("1", traits={"city": "Jena"}, at=ago(days=2))], of="crm")
    assert only().traits["city"] == "Jena"
    assert then(NOW)["city"] == "Jena"
    assert then(ago(days=1))["city"] == "Ulm"


words = st.lists(
    st.tuples(st.sampled_from(["crm", "web"]), st.sampled_from(["city", "plan"]), st.sampled_from(["a", "b", None]),
              st.integers(0, 20)), min_size=1, max_size=12)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words)
def test_the_fold_of_all_changes_is_the_person(db: None, said: list[tuple[str, str, Any, int]]) -> None:
    person = f"p{id(said)}-{abs(hash(tuple(said)))}"
    for turn, (of, name, value, hours) in enumerate(said):
        traits = {name: value, "email": f"{person}@x.org"}
        take_in([identify(person, traits=traits, at=ago(hours=hours))], of=of, now=NOW + timedelta(seconds=turn))
    profile = Profile.objects.get(merged_into=None, traits__email=f"{person.lower()}@x.org")
    folded = {trait.name: trait.value for trait in as_of(profile, NOW + timedelta(days=1)).traits}
    assert folded == profile.traits


def test_the_panel_shows_a_day_and_one_trait(cast: Cast) -> None:
    take_in([identify("1", traits={"city": "Ulm", "plan": "free"}, at=ago(days=9))], of="crm")
    take_in([identify("1", traits={"city": "Bonn", "vip": True}, at=ago(days=5))], of="crm")
    client, person = cast.client("vic"), only()
    page = client.get(f"/people/{person.uuid}/as-of/?on={ago(days=7):%Y-%m-%d}").content.decode()
    assert "Ulm" in page
    assert "different today" in page
    assert "Came later: vip" in page
    assert "Not known yet" in client.get(f"/people/{person.uuid}/as-of/?on=2020-01-01").content.decode()
    assert client.get(f"/people/{person.uuid}/as-of/?on=x").status_code == 422
    assert client.get(f"/people/{person.uuid}/as-of/?on=9999-12-31").status_code == 422
    one = client.get(f"/people/{person.uuid}/changes/?trait=city")
    assert [line["change"].new for line in one.context["lines"]] == ["Bonn", "Ulm"]
    assert [line["can_go_back"] for line in one.context["lines"]] == [True, True]
    assert "Roll back" not in one.content.decode()
