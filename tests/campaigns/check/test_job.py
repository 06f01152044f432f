"""A check as long work: cancelled, killed and taken up, never done twice."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from campaigns.check import look as looking
from campaigns.check import lots
from campaigns.check import run as running
from campaigns.check.job import KEPT, SILENT, abandoned, start_check, stop
from campaigns.check.run import run
from campaigns.models import Check, CheckLot, CheckMark
from cdp.common.models import Job
from tests.campaigns.check.making import a_campaign, checked, content, given, text, viewers
from tests.campaigns.offers.making import an_offer, with_codes
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + SILENT + timedelta(seconds=1)
OFFER = {
    "id": "o",
    "kind": "offer",
    "offer": "spring",
    "title": "",
    "text": "{{ offer.code }}",
    "button": "",
    "without": "",
}


class Killed(BaseException):
    """As if the worker had died: nothing is tidied up."""


@pytest.fixture(autouse=True)
def small_lots() -> Any:
    with patch.object(running, "LOT", 2):
        yield


def marks(check: Check) -> list[tuple[int, str, bytes]]:
    rows = CheckMark.objects.filter(lot__parent=check).values_list("lot__number", "key", "bits")
    return sorted((number, key, bytes(bits)) for number, key, bits in rows)


def killed_after(n: int) -> Any:
    """Keeps so many lots, and dies before the next."""
    kept = lots.keep
    calls = iter(range(n))

    def keep(*arguments: Any, **more: Any) -> None:
        if next(calls, None) is None:
            raise Killed
        kept(*arguments, **more)

    return patch.object(running, "keep", keep)


def test_a_check_whose_worker_died_goes_on_where_it_was() -> None:
    viewers(**{f"p{n}": {"city": "Rome" if n % 3 else "Oslo"} for n in range(7)})
    an_offer(codes="uploaded")
    with_codes(an_offer("other", codes="uploaded"), "A", "B", "C", "D")
    held = content(text("a", "x {{ city }}", when=rule(trait("city", "is", "Rome"))), {**OFFER, "offer": "other"})
    whole = checked(a_campaign(held))
    check = start_check(a_campaign(held, segment=whole.campaign.included.get()), by=None, now=NOW)
    assert check.job_id
    with killed_after(2), pytest.raises(Killed):
        run(check.job_id, given=given())
    assert CheckLot.objects.filter(parent=check).count() == 2
    run(check.job_id, given=given())  # the worker may still live: nobody takes over yet
    assert Job.objects.get(params__check_id=check.pk).state == Job.State.RUNNING
    assert abandoned(now=NOW) == []
    assert abandoned(now=LATER) == [check.job_id]
    with killed_after(2):
        run(check.job_id, given=given(clock=lambda: LATER))
    check.refresh_from_db()
    assert check.finished_at == LATER
    assert marks(check) == marks(whole)
    assert check.counts["offer:other:given"] == 4
    assert check.result == whole.result


def test_a_worker_that_was_given_up_writes_nothing_more() -> None:
    viewers(**{f"p{n}": {} for n in range(5)})
    check = start_check(a_campaign(content(text("a", "x"))), by=None, now=NOW)
    looked = looking.look

    def taken_over(*arguments: Any, **more: Any) -> Any:
        Job.objects.filter(params__check_id=check.pk).update(checkpoint={"fence": "another"})
        return looked(*arguments, **more)

    with patch.object(running, "look", taken_over):
        run(check.job_id or 0, given=given())
    assert not CheckLot.objects.exists()
    check.refresh_from_db()
    assert check.finished_at is None


def test_cancelling_ends_it_after_the_lot_it_is_at() -> None:
    viewers(**{f"p{n}": {} for n in range(7)})
    check = start_check(a_campaign(content(text("a", "x"))), by=None, now=NOW)
    assert check.job
    kept = lots.keep

    def keep(*arguments: Any, **more: Any) -> None:
        kept(*arguments, **more)
        stop(Job.objects.get(params__check_id=check.pk), now=NOW)

    with patch.object(running, "keep", keep):
        run(check.job.pk, given=given())
    check.job.refresh_from_db()
    assert (check.job.state, check.job.done, check.job.total) == (Job.State.CANCELLED, 2, 7)
    check.refresh_from_db()
    assert check.finished_at is None


def test_one_that_no_worker_has_ends_at_once_when_cancelled() -> None:
    check = start_check(a_campaign(content(text("a", "x"))), by=None, now=NOW)
    assert check.job
    stop(check.job, now=NOW)
    run(check.job.pk, given=given())
    check.job.refresh_from_db()
    assert check.job.state == Job.State.CANCELLED


def test_what_fails_is_said_and_can_be_begun_again() -> None:
    viewers(ann={})
    campaign = a_campaign(content(text("a", "x")))
    check = start_check(campaign, by=None, now=NOW)
    with patch.object(running, "look", side_effect=RuntimeError("a fault")), pytest.raises(RuntimeError):
        run(check.job_id or 0, given=given())
    assert Job.objects.get(params__check_id=check.pk).error == "RuntimeError: a fault"
    assert checked(campaign).reached == 1
    assert not Check.objects.filter(pk=check.pk).exists()


def test_two_clicks_are_one_check_and_a_changed_mail_is_another() -> None:
    campaign = a_campaign(content(text("a", "x")))
    first = start_check(campaign, by=None, now=NOW)
    assert start_check(campaign, by=None, now=NOW).pk == first.pk
    campaign.template.content = content(text("a", "y"))
    campaign.template.save()
    second = start_check(campaign, by=None, now=NOW)
    assert second.pk != first.pk
    assert Job.objects.get(params__check_id=first.pk).state == Job.State.CANCELLED


def test_only_the_last_few_are_kept() -> None:
    viewers(ann={})
    campaign = a_campaign(content(text("a", "x")))
    made = [checked(campaign).pk for _ in range(KEPT + 2)]
    assert sorted(Check.objects.values_list("pk", flat=True)) == made[-KEPT:]


def test_pages_of_people_go_there_and_back() -> None:
    ids = sorted(viewers(**{f"p{n}": {"n": n} for n in range(9)}).values())
    check = checked(a_campaign(content(text("a", "x", when=rule(trait("n", "at_least", 2))))))
    expected = ids[2:]
    with patch.object(lots, "PAGE_SIZE", 3):
        first = lots.page_of(check, ["branch:a:0"])
        second = lots.page_of(check, ["branch:a:0"], after=int(first.next))
        third = lots.page_of(check, ["branch:a:0"], after=int(second.next))
        back = lots.page_of(check, ["branch:a:0"], before=int(third.previous))
    assert [first.ids, second.ids, third.ids, back.ids] == [expected[:3], expected[3:6], expected[6:], expected[3:6]]
    assert (first.previous, third.next) == ("", "")
    assert lots.count_both(check, ["branch:a:0", "gets"]) == 7
    assert lots.count_both(check, ["branch:a:0", "branch:a:1"]) == 0
