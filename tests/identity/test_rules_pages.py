"""Settings → Identity rules, as each role sees it."""

from typing import Any

import pytest
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.profiles.models import Record
from identity import drafts, rule_form, rule_jobs
from identity.models import Candidate, RuleSet
from identity.rules import DEFAULTS, Blocked, Rules, to_json
from tests.cast import Cast
from tests.identity.test_reform import people, two_at_one_till
from tests.identity.test_rule_jobs import BLOCKING, BY, clock
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db


def typed(rules: Rules = DEFAULTS, **more: Any) -> dict[str, Any]:
    """What the editor sends for these rules."""
    form = rule_form.of_rules(rules)
    sent: dict[str, Any] = {f"fuzzy-{name}": text for name, text in form.fuzzy.fields.items()}
    for prefix, of in (("ns", form.namespaces), ("blocked", form.blocked), ("kind", form.kinds)):
        for name in of[0].fields if of else ():
            sent[f"{prefix}-{name}"] = [row.fields[name] for row in of]
    return {**sent, **more}


def page(client: Client, url: str, expect: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == expect
    return answer.content.decode()


def test_everybody_who_sees_data_reads_the_rules_and_only_stewards_are_offered_to_change_them(cast: Cast) -> None:
    two_at_one_till()
    draft = drafts.save(BLOCKING, by=BY, now=NOW)
    for name in ("ada", "stew", "mara", "vic"):
        may = name in ("ada", "stew")
        client = cast.client(name)
        assert ("Change the rules" in page(client, "/identity/rules/")) is may
        text = page(client, f"/identity/rules/{draft.pk}/")
        assert "Blocked: E-mail “till@*”." in text
        assert ("Try it on your data" in text) is may
        assert "Versions" in page(client, "/identity/rules/history/")
        assert client.get("/identity/rules/edit/").status_code == (200 if may else 403)
        assert client.post(f"/identity/rules/{draft.pk}/apply/").status_code == (302 if may else 403)


def test_what_is_shown_and_sent_back_is_the_same_rules() -> None:
    rules = Rules(blocked=(Blocked("email", "a*", "why"), Blocked("*", "b")))
    form = rule_form.of_rules(rules)
    assert form.checked() == to_json(rules)
    assert not form.is_wrong


def test_a_draft_is_saved_in_the_order_of_the_rows(cast: Cast) -> None:
    sent = typed(note="phones first")
    for name in ("name", "form", "is_hard", "limit", "window_days", "most_records"):
        rows = sent[f"ns-{name}"]
        rows[1], rows[2] = rows[2], rows[1]
    sent |= {"blocked-namespace": ["phone"], "blocked-value": ["+49*"], "blocked-note": [""]}
    answer = cast.client("stew").post("/identity/rules/edit/", sent)
    draft = RuleSet.objects.get()
    assert answer.headers["Location"] == f"/identity/rules/{draft.pk}/"
    assert [one["name"] for one in draft.rules["namespaces"]] == ["user_id", "phone", "email", "*", "anonymous_id"]
    assert [one["priority"] for one in draft.rules["namespaces"]] == [1, 2, 3, 4, 5]
    assert draft.rules["blocked"] == [{"namespace": "phone", "value": "+49*", "note": ""}]
    assert (draft.note, draft.by, draft.applied_at) == ("phones first", f"user:{cast.stew.pk}", None)
    assert AuditEntry.objects.get(verb="drafted identity rules").actor == cast.stew
    text = page(cast.client("stew"), answer.headers["Location"])
    assert "Strongest first is now: User id, Phone, E-mail, Every other kind, Browser or device." in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ns-limit": ["1", "many", "5", "5", "20"]}, "Must be a whole number from 1 to 10000."),
        ({"ns-limit": ["1", "", "5", "5", "20"]}, "A window needs a limit."),
        ({"ns-most_records": ["1000", "0", "20", "50", "25"]}, "Must be a whole number from 1 to 10000."),
        ({"ns-name": ["user_id", "email", "email", "*", "anonymous_id"]}, "&#x27;email&#x27; is there twice."),
        (
            {"blocked-namespace": ["*"], "blocked-value": ["**"], "blocked-note": [""]},
            "This would block every value.",
        ),
        ({"fuzzy-link": "40"}, "Must not be above the probability from which records are linked."),
        ({"fuzzy-review": "lots"}, "Must be a probability between 0 and 1."),
        ({"fuzzy-largest": "1"}, "Must be a whole number from 2 to 1000."),
        ({}, "These rules are the ones in force."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_is_kept(
    cast: Cast, change: dict[str, Any], said: str
) -> None:
    answer = cast.client("stew").post("/identity/rules/edit/", typed(**change, note="kept"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert 'value="kept"' in text
    assert not RuleSet.objects.exists()


def test_an_estimate_then_a_trial_then_everybody_follows(
    cast: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Job] = []
    monkeypatch.setattr("identity.views.versions.ring_rules", rung.append)
    two_at_one_till()
    draft, client = drafts.save(BLOCKING, by=BY, now=NOW), cast.client("stew")
    text = page(client, f"/identity/rules/{draft.pk}/estimate/")
    assert "All 4 records were looked at." in text
    assert "With these rules: 2 people" in text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/identity/rules/{draft.pk}/apply/")
    assert (rung, drafts.in_force().version) == ([], 0), "not tried yet"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/identity/rules/{draft.pk}/try/")
    [trial] = rung
    assert "Waiting for a worker" in page(client, f"/identity/rules/{draft.pk}/")
    rule_jobs.run(trial.pk, clock=clock)
    assert client.get(f"/identity/rules/jobs/{trial.pk}/").headers["HX-Refresh"] == "true"
    text = page(client, f"/identity/rules/{draft.pk}/")
    assert "Apply to 1 person" in text
    assert "till@shop.example" in text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/identity/rules/{draft.pk}/apply/")
    rule_jobs.run(rung[1].pk, clock=clock)
    assert len(people()) == 4
    text = page(client, f"/identity/rules/{draft.pk}/")
    assert "Everybody followed these rules" in text
    assert AuditEntry.objects.filter(verb="applied identity rules").count() == 1
    client.post("/identity/rules/0/back/")
    back = RuleSet.objects.order_by("-id").first()
    assert back is not None
    assert (back.note, back.applied_at) == ("Back to the rules the product comes with", None)


def test_a_trial_is_cancelled_and_an_interrupted_settling_gone_on_with(cast: Cast) -> None:
    two_at_one_till()
    draft, client = drafts.save(BLOCKING, by=BY, now=NOW), cast.client("stew")
    job = rule_jobs.start_try(draft, by=None, now=NOW)
    client.post(f"/identity/rules/jobs/{job.pk}/stop/")
    assert "The last trial was cancelled." in page(client, f"/identity/rules/{draft.pk}/")
    settle = rule_jobs.start_settle(drafts.apply(draft.pk, now=NOW), by=None, now=NOW)
    assert client.post(f"/identity/rules/jobs/{settle.pk}/stop/").status_code == 404
    Job.objects.filter(pk=settle.pk).update(state=Job.State.FAILED, error="The disk is full")
    text = page(client, "/identity/rules/")
    assert "Go on applying it" in text
    assert "The disk is full" in text
    client.post(f"/identity/rules/{draft.pk}/settle/")
    assert rule_jobs.latest(rule_jobs.SETTLE, draft.pk) != settle


def test_shared_values_and_conflicts_are_shown_and_become_drafts(cast: Cast) -> None:
    raw = to_json(DEFAULTS)
    raw["namespaces"] = [{**one, "most_records": 2} if one["name"] == "email" else one for one in raw["namespaces"]]
    drafts.apply(drafts.save(raw, by=BY, now=NOW).pk, now=NOW)
    take_in([identify(anonymousId=f"d{n}", traits={"email": "till@shop.example"}) for n in range(4)])
    take_in([identify("ada", anonymousId="one"), identify("bob", anonymousId="one")])
    client = cast.client("stew")
    text = page(client, "/identity/rules/")
    assert "Block till@shop.example for good" in text
    assert "Allow 4 records" in text
    assert "Shared by too many" in text
    assert "Would join two people" in text
    assert "for good" not in page(cast.client("vic"), "/identity/rules/")
    client.post("/identity/rules/block/", {"namespace": "email", "value": "till@shop.example"})
    client.post("/identity/rules/allow/", {"namespace": "email", "records": "4"})
    newest = RuleSet.objects.order_by("-id")[0].rules
    assert [one["value"] for one in newest["blocked"]] == ["till@shop.example"]
    assert next(one["most_records"] for one in newest["namespaces"] if one["name"] == "email") == 4
    answer = client.post("/identity/rules/allow/", {"namespace": "", "records": "x"}, follow=True)
    assert "Must be a text of 1 to 60 characters" in answer.content.decode()


@pytest.mark.parametrize(
    ("namespace", "value", "said"),
    [
        ("email", "till@*", "Touches 1 identifier of 1 person"),
        ("*", "D?", "Touches 4 identifiers of 3 people"),
        ("phone", "till@*", "Touches 0 identifiers of 0 people"),
        ("*", "%", "Touches 0 identifiers of 0 people"),
        ("*", "**", "This would block every value."),
        ("*", "", ""),
    ],
)
def test_what_a_blocked_value_touches_is_counted_while_typing(
    cast: Cast, namespace: str, value: str, said: str
) -> None:
    two_at_one_till()
    query = {"blocked-namespace": namespace, "blocked-value": value}
    answer = cast.client("stew").get("/identity/rules/touches/", query)
    assert answer.content.decode().strip() == said


def test_the_versions_take_the_same_queries_however_many_there_are(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        version = drafts.save({**BLOCKING, "blocked": [{"value": f"v{n}"}]}, by=BY, now=NOW)
        drafts.apply(version.pk, now=NOW)
    client = cast.client("vic")
    with django_assert_max_num_queries(12):
        text = page(client, "/identity/rules/history/")
    assert "Blocked: “v7” of any kind." in text
    assert "No longer blocked: “v6” of any kind." in text


def test_thresholds_are_counted_on_the_pairs_found_so_far(cast: Cast) -> None:
    client = cast.client("stew")
    assert "No pairs were found yet" in page(
        client, "/identity/rules/likeness/?fuzzy-is_on=yes&fuzzy-link=99&fuzzy-review=50&fuzzy-largest=50"
    )
    take_in([identify(anonymousId=name, traits={"name": name.title()}) for name in ("eve", "eva", "ida", "ira")])
    ids = dict(Record.objects.values_list("key", "pk"))
    for a, b, probability in (("eve", "eva", 0.97), ("ida", "ira", 0.6)):
        one, other = sorted((ids[f"anon:{a}"], ids[f"anon:{b}"]))
        Candidate.objects.create(
            record_a=one, record_b=other, weight=5, probability=probability, may_merge=True, found_at=NOW
        )
    query = {"fuzzy-is_on": "yes", "fuzzy-review": "50", "fuzzy-largest": "50"}
    text = " ".join(client.get("/identity/rules/likeness/", {**query, "fuzzy-link": "95"}).content.decode().split())
    assert '1</strong> pairs joined by themselves (1 more and 0 fewer than now), <strong class="numbers">1<' in text
    assert "Groups: 1 made, 0 broken, 0 changed." in text
    assert ">Eva</a>" in text
    wrong = client.get("/identity/rules/likeness/", {**query, "fuzzy-link": "40"}).content.decode()
    assert "Must not be above the probability" in wrong
