"""Versions of the rules as jobs: tried, applied, superseded, interrupted and gone on with."""

from datetime import datetime, timedelta

import pytest

from cdp.common.models import Job
from identity import drafts, rule_jobs
from identity.drafts import NotADraft, NothingChanged, Outdated
from identity.models import IdentitySnapshot, RuleSet
from identity.reform import Superseded, settling
from identity.rule_words import differences
from identity.rules import DEFAULTS, Fuzzy, Rules, parse, to_json
from tests.identity.test_reform import people, two_at_one_till
from tests.taking_in import NOW, ago, identify, rows, strays, take_in, track

pytestmark = pytest.mark.django_db
BLOCKING = {**to_json(DEFAULTS), "blocked": [{"namespace": "email", "value": "till@*"}]}
BY = "user:1"


def clock() -> datetime:
    return NOW


def settled(version: int) -> Job:
    job = rule_jobs.start_settle(drafts.apply(version, now=NOW), by=None, now=NOW)
    rule_jobs.run(job.pk, clock=clock)
    job.refresh_from_db()
    return job


def test_a_draft_is_tried_then_applied_and_gone_back_from() -> None:
    two_at_one_till()
    before = sorted(people())
    draft = drafts.save(BLOCKING, note="tills", by=BY, now=NOW)
    trial = rule_jobs.start_try(draft, by=None, now=NOW)
    assert rule_jobs.start_try(draft, by=None, now=NOW) == trial
    rule_jobs.run(trial.pk, clock=clock)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.total) == ("done", 4, 4)
    assert (trial.result["broken"], trial.result["concerned"], trial.result["dropped_after"]) == (1, 1, 2)
    [sample] = trial.result["samples"]
    assert [group["size"] for group in sample["after"]] == [1, 1]
    assert sorted(people()) == before
    assert drafts.in_force().version == 0
    job = settled(draft.pk)
    assert (job.state, job.result) == ("done", {"changed": 2})
    assert drafts.in_force().version == draft.pk
    assert len(people()) == 4
    back = drafts.go_back(0, by=BY, now=NOW)
    assert back.note == "Back to the rules the product comes with"
    settled(back.pk)
    assert sorted(people()) == before
    assert strays() == 0


def test_what_is_no_change_and_what_is_out_of_date_is_refused() -> None:
    with pytest.raises(NothingChanged):
        drafts.save(to_json(DEFAULTS), by=BY, now=NOW)
    older, newer = (
        drafts.save({**BLOCKING, "blocked": [{"value": value}]}, by=BY, now=NOW) for value in ("a@b", "c@d")
    )
    assert drafts.open_draft() == newer
    drafts.apply(newer.pk, now=NOW)
    assert drafts.open_draft() is None
    with pytest.raises(Outdated):
        drafts.apply(older.pk, now=NOW)
    with pytest.raises(NotADraft):
        drafts.apply(newer.pk, now=NOW)
    with pytest.raises(NotADraft):
        drafts.discard(newer.pk)
    drafts.discard(older.pk)
    assert list(RuleSet.objects.all()) == [newer]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.reform.CHUNK", 1)


def test_settling_stops_when_newer_rules_are_applied(small_chunks: None) -> None:
    two_at_one_till()
    first = drafts.save(BLOCKING, by=BY, now=NOW)
    drafts.apply(first.pk, now=NOW)
    steps = settling(first.pk, clock=clock)
    next(steps)
    settled(drafts.go_back(0, by=BY, now=NOW).pk)
    with pytest.raises(Superseded):
        list(steps)
    assert RuleSet.objects.get(pk=first.pk).settled_at is None
    assert len(people()) == 3


def test_an_interrupted_settling_goes_on_where_it_was(small_chunks: None) -> None:
    two_at_one_till()
    draft = drafts.apply(drafts.save(BLOCKING, by=BY, now=NOW).pk, now=NOW)
    job = rule_jobs.start_settle(draft, by=None, now=NOW)
    dying = iter([NOW, NOW, NOW, None])

    def dies() -> datetime:
        at = next(dying)
        if at is None:
            raise KeyboardInterrupt
        return at

    with pytest.raises(KeyboardInterrupt):
        rule_jobs.run(job.pk, clock=dies)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 1)
    rule_jobs.run(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == "running", "its worker may still live"
    later = NOW + rule_jobs.SILENT + timedelta(seconds=1)
    assert rule_jobs.abandoned(now=NOW) == []
    assert rule_jobs.abandoned(now=later) == [job.pk]
    rule_jobs.run(job.pk, clock=lambda: later)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    assert len(people()) == 4
    assert RuleSet.objects.get(pk=draft.pk).settled_at == later


def test_a_trial_can_be_cancelled_and_a_failure_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    two_at_one_till()
    draft = drafts.save(BLOCKING, by=BY, now=NOW)
    waiting = rule_jobs.start_try(draft, by=None, now=NOW)
    rule_jobs.stop(waiting, now=NOW)
    rule_jobs.run(waiting.pk, clock=clock)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.result) == ("cancelled", {})
    job = rule_jobs.start_try(draft, by=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    rule_jobs.run(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == "cancelled"
    failing = rule_jobs.start_try(draft, by=None, now=NOW)
    monkeypatch.setattr("identity.rule_jobs.compare", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rule_jobs.run(failing.pk, clock=clock)
    failing.refresh_from_db()
    assert (failing.state, failing.error) == ("failed", "ZeroDivisionError: division by zero")


def test_a_batch_that_read_older_rules_follows_the_applied_ones() -> None:
    """It may wait for the lock while others are settled."""
    two_at_one_till()
    settled(drafts.save(BLOCKING, by=BY, now=NOW).pk)
    assert len(people()) == 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cdp.pipeline.rule_sets.current", lambda cursor: DEFAULTS)
        take_in([identify(anonymousId="d9", traits={"email": "till@shop.example"})])
    assert len(people()) == 5
    assert rows("select distinct dropped_for from profiles_identifier where value = 'till@shop.example'") == [
        ("blocked",)
    ]


def test_a_shared_value_is_blocked_or_allowed_on_top_of_the_open_draft() -> None:
    first = drafts.block("anonymous_id", "kiosk*1", by=BY, now=NOW)
    assert parse(first.rules).is_blocked("anonymous_id", "kiosk*1")
    second = drafts.raise_limit("till", 80, by=BY, now=NOW)
    rules = parse(second.rules)
    assert rules.is_blocked("anonymous_id", "kiosk*1")
    assert (rules.of("till").most_records, rules.of("other").most_records) == (80, 50)
    assert differences(DEFAULTS, rules) == [
        "Till has a rule of its own: a person has at most 5 first seen within 365 days."
        " One that more than 80 records have names nobody.",
        "Blocked: Browser or device “kiosk?1”.",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is_hard": True}, "E-mail: two different ones are now two people, whatever else they share."),
        ({"limit": None, "window_days": None}, "E-mail: a person has any number, not at most 5 within 365 days."),
        ({"joins": False}, "E-mail: sharing one no longer joins people by itself."),
        ({"most_records": 9}, "E-mail: one may be on up to 9 records, not 20."),
        ({"priority": 4}, "Strongest first is now: User id, Phone, Every other kind, E-mail, Browser or device."),
    ],
)
def test_a_change_of_a_kind_is_told_in_words(change: dict[str, object], said: str) -> None:
    raw = to_json(DEFAULTS)
    raw["namespaces"] = [
        {**one, **change}
        if one["name"] == "email"
        else {**one, "priority": one["priority"] * 10}
        if "priority" in change and one["name"] not in ("user_id", "phone")
        else one
        for one in raw["namespaces"]
    ]
    if "priority" in change:
        raw["namespaces"] = [{**one, "priority": 41} if one["name"] == "email" else one for one in raw["namespaces"]]
    assert differences(DEFAULTS, parse(raw)) == [said]


def test_a_change_of_likeness_is_told_in_words() -> None:
    new = Rules(fuzzy=Fuzzy(is_on=False, link=0.995, largest=20, kinds={"nick": "first_name"}))
    assert differences(DEFAULTS, new) == [
        "Matching by likeness is off.",
        "Records are joined by likeness from 99.5 %, not 99 %.",
        "Likeness builds groups of up to 20 records, not 50.",
        "The trait nick is compared as first name.",
    ]
    assert differences(new, DEFAULTS)[-1] == "The trait nick is recognised by its name again."


def test_counting_is_a_job_too() -> None:
    take_in([track("ada"), identify("bob", at=ago(days=1))])
    job = rule_jobs.start_figures(by=None, now=NOW)
    rule_jobs.run(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == "done"
    assert IdentitySnapshot.objects.get(pk=job.result["snapshot"]).people == 2


def test_other_thresholds_ask_for_everybody_to_be_compared_anew() -> None:
    raw = to_json(DEFAULTS)
    first = drafts.save({**raw, "fuzzy": {**raw["fuzzy"], "link": 0.995}}, by=BY, now=NOW)
    assert rule_jobs.asks_for_matching(settled(first.pk).pk)
    second = drafts.save({**BLOCKING, "fuzzy": first.rules["fuzzy"]}, by=BY, now=NOW)
    assert not rule_jobs.asks_for_matching(settled(second.pk).pk)
