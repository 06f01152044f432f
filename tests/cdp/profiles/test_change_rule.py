"""A change of rule: foreseen, then applied to everybody, with history and touched rows."""

from datetime import timedelta

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry, Source
from cdp.common.models import Job
from cdp.profiles.change_rule import BadRule, Change, batch, change_rule
from cdp.profiles.foresee import BLOCK, blocks, foresee
from cdp.profiles.long_work import abandoned, advance
from cdp.profiles.models import Profile, ProfileChange, SurvivorshipRule, Touched
from cdp.profiles.survivorship import Rule, Strategy
from cdp.profiles.tasks import WORK
from tests.cast import Cast
from tests.taking_in import NOW, ago, identify, rows, source, take_in

pytestmark = pytest.mark.django_db
LONGEST = Change("city", Rule(Strategy.LONGEST))
LATER = NOW + timedelta(hours=1)


def never() -> bool:
    return False


def finish(job: Job) -> Job:
    while advance(job.pk, WORK[job.kind], now=LATER):
        pass
    job.refresh_from_db()
    return job


def disputed() -> Profile:
    """crm says Frankfurt, web says Ulm later."""
    mail = {"email": "ada@x.org"}
    take_in([identify("1", traits={"city": "Frankfurt", **mail}, at=ago(days=2))], of="crm")
    take_in([identify("1", traits={"city": "Ulm", **mail}, at=ago(days=1))], of="web")
    return Profile.objects.get(merged_into=None)


def city() -> object:
    return Profile.objects.get(merged_into=None).traits.get("city")


def test_a_rule_is_foreseen_and_then_applied_with_history_and_news() -> None:
    disputed()
    found = foresee(LONGEST, is_time_up=never)
    assert (found.estimate, found.people, found.is_exact) == (1, 1, True)
    assert [(one.trait, one.old, one.new) for one in found.examples] == [("city", "Ulm", "Frankfurt")]
    assert city() == "Ulm"
    Touched.objects.all().delete()
    job = finish(change_rule(LONGEST, actor=None, now=NOW))
    assert city() == "Frankfurt"
    assert (job.state, job.done, job.result) == (Job.State.DONE, 1, {"changed": 1})
    change = ProfileChange.objects.get(what="city", new="Frankfurt", old="Ulm")
    assert (change.cause, change.at) == ("rule:city", LATER)
    assert all(row.names == ["trait:city"] for row in Touched.objects.all())
    assert Touched.objects.exists()
    assert AuditEntry.objects.get(verb="changed rule of trait").details == {"before": "", "after": "longest"}


def test_new_words_follow_the_rule_and_name_who_changed_what() -> None:
    disputed()
    finish(change_rule(Change("city", Rule(Strategy.FREQUENT)), actor=None, now=NOW))
    assert city() == "Ulm"
    take_in([identify(anonymousId="v", traits={"city": "Frankfurt", "email": "ada@x.org"}, at=ago(days=5))], of="shop")
    assert city() == "Frankfurt"
    shop = source("shop").pk
    assert ProfileChange.objects.filter(what="city").latest("id").cause.startswith((f"message:{shop}:", "merge:"))
    take_in([identify("1", traits={"city": "Ulm"}, at=ago(hours=5))], of="crm")
    assert city() == "Ulm"
    crm = source("crm").pk
    assert ProfileChange.objects.filter(what="city").latest("id").cause.startswith(f"message:{crm}:")


def test_ranks_come_from_the_rule_and_from_the_sources() -> None:
    disputed()
    Source.objects.filter(name="crm").update(trust_rank=5)
    finish(change_rule(Change("city", Rule(Strategy.RANK)), actor=None, now=NOW))
    assert city() == "Frankfurt"
    finish(change_rule(Change("city", Rule(Strategy.RANK, (source("web").pk,))), actor=None, now=NOW))
    assert city() == "Ulm"


def test_without_its_own_rule_a_trait_follows_the_rule_for_all() -> None:
    disputed()
    finish(change_rule(Change("*", Rule(Strategy.LONGEST)), actor=None, now=NOW))
    assert city() == "Frankfurt"
    finish(change_rule(Change("city", Rule(Strategy.RECENT)), actor=None, now=NOW))
    assert city() == "Ulm"
    assert foresee(Change("*", None), is_time_up=never).changed == 0
    finish(change_rule(Change("city", None), actor=None, now=NOW))
    assert city() == "Frankfurt"
    assert not SurvivorshipRule.objects.filter(trait="city").exists()


@pytest.mark.parametrize("trait", ["email", "*", "firstName"])
def test_what_others_read_as_one_text_stays_one(trait: str) -> None:
    with pytest.raises(BadRule):
        change_rule(Change(trait, Rule(Strategy.UNION)), actor=None, now=NOW)
    assert not SurvivorshipRule.objects.exists()


def test_where_time_is_up_the_number_is_estimated() -> None:
    disputed()
    rows("select setval(pg_get_serial_sequence('profiles_profile', 'id'), %s)", 50 * BLOCK)
    take_in([identify(f"u{n}", traits={"city": "Bonn"}) for n in range(3)])
    turns = iter([False] * 2 + [True] * 99)
    found = foresee(LONGEST, is_time_up=lambda: next(turns))
    assert not found.is_exact
    assert found.people == 4
    assert found.looked_at < 4


def test_blocks_leap_and_leave_nobody_out() -> None:
    class At:
        def __init__(self, n: int) -> None:
            self.n = n

        def execute(self, sql: str) -> None:
            pass

        def fetchone(self) -> tuple[int]:
            return (self.n * BLOCK,)

    for n in (0, 1, 2, 7, 100):
        assert sorted(blocks(At(n))) == [turn * BLOCK for turn in range(n + 1)]  # type: ignore[arg-type]
    first = list(blocks(At(100)))[:5]  # type: ignore[arg-type]
    assert max(first) - min(first) > 50 * BLOCK


def test_work_that_breaks_off_goes_on_and_work_that_fails_says_so() -> None:
    disputed()
    job = change_rule(LONGEST, actor=None, now=NOW)
    assert abandoned(WORK, now=NOW) == []
    assert abandoned(WORK, now=LATER) == [(job.pk, job.kind)]
    assert advance(job.pk, batch, now=LATER)
    assert not advance(job.pk, batch, now=LATER)
    assert not advance(job.pk, batch, now=LATER)
    broken = change_rule(Change("city", None), actor=None, now=NOW)
    Job.objects.filter(pk=broken.pk).update(params={})
    with pytest.raises(KeyError):
        advance(broken.pk, batch, now=LATER)
    broken.refresh_from_db()
    assert (broken.state, broken.error) == (Job.State.FAILED, "KeyError: 'trait'")


def post(client: Client, **given: str) -> object:
    return client.post("/people/traits/rule/", {"trait": "city", "fixed_trait": "city", **given})


def test_a_steward_previews_before_the_rule_changes(cast: Cast) -> None:
    disputed()
    stew = cast.client("stew")
    seen = stew.post("/people/traits/rule/", {"trait": "city", "strategy": "longest", "action": "apply"})
    assert "1 person of 1 would change" in seen.content.decode()
    assert not SurvivorshipRule.objects.exists()
    previewed = seen.context["previewed"]
    other = {"trait": "city", "strategy": "frequent", "action": "apply", "previewed": previewed}
    stew.post("/people/traits/rule/", other)
    assert not SurvivorshipRule.objects.exists()
    done = stew.post("/people/traits/rule/", {**other, "strategy": "longest"})
    assert done.status_code == 302
    assert SurvivorshipRule.objects.get().strategy == "longest"
    job = finish(Job.objects.get(kind="survivorship"))
    assert "The traits of 1 person changed" in stew.get(done.headers["Location"]).content.decode()
    assert stew.get(f"/people/work/{job.pk}/progress/").headers["HX-Refresh"] == "true"
    assert "The longest word" in stew.get("/people/traits/").content.decode()
    assert stew.get("/people/traits/rule/?trait=city").context["form"]["strategy"].value() == "longest"
    refused = stew.post("/people/traits/rule/", {"trait": "email", "strategy": "union"})
    assert refused.status_code == 422
    for name in ("mara", "vic"):
        assert cast.client(name).post("/people/traits/rule/", other).status_code == 403


def test_the_traits_say_why(cast: Cast) -> None:
    person = disputed()
    url = f"/people/{person.uuid}/traits/"
    vic = cast.client("vic")
    assert "The most recent of 2 words." in vic.get(url).content.decode()
    assert "All 2 records agree" in vic.get(url).content.decode()
    for strategy, why in (
        (Rule(Strategy.RANK, (source("crm").pk,)), "crm ranks above web."),
        (Rule(Strategy.LONGEST), "The longest of 2 words."),
        (Rule(Strategy.FREQUENT), "All differ: the most recent."),
        (Rule(Strategy.VERIFIED, (source("crm").pk,)), "Verified."),
        (Rule(Strategy.VERIFIED), "None is verified: the most recent."),
        (Rule(Strategy.UNION), "All different values together."),
    ):
        finish(change_rule(Change("city", strategy), actor=None, now=NOW))
        page = vic.get(url).content.decode()
        assert why in page, why
