"""Lists of codes in parts: a worker that dies goes on where it was, and the same list twice adds nothing."""

from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile

from campaigns.models import Offer, OfferCode
from campaigns.offers import upload
from campaigns.offers.add_codes import Verdict, add
from cdp.common.models import Job
from tests.campaigns.offers.making import an_offer
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(upload, "PART", 10)
    yield
    upload.forget(now=NOW + 2 * upload.KEPT)


def begun(offer: Offer, text: str) -> Job:
    return upload.begin(offer, ContentFile(text.encode(), name="c.csv"), by=None, now=NOW)


def counts(job: Job) -> dict[str, int]:
    job.refresh_from_db()
    return {key: n for key, n in job.result.items() if key != "problems"}


def test_a_worker_that_died_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = an_offer(codes="uploaded")
    job = begun(offer, "\n".join(f"C{n % 20}" for n in range(35)))
    whole = add

    def dies(*args: object, **more: object) -> object:
        if OfferCode.objects.count() >= 10:
            raise SystemExit
        return whole(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(upload, "add", dies)
    with pytest.raises(SystemExit):
        upload.read(job.pk, clock=lambda: NOW)
    assert counts(job) == {"added": 10}
    assert upload.unheard(now=NOW + 2 * upload.UNHEARD) == [job.pk]
    monkeypatch.setattr(upload, "add", whole)
    upload.read(job.pk, clock=lambda: NOW)
    upload.read(job.pk, clock=lambda: NOW)
    assert counts(job) == {"added": 20, "twice": 15}
    assert job.state == Job.State.DONE
    assert OfferCode.objects.count() == 20
    again = begun(offer, "\n".join(f"c{n}" for n in range(25)))
    upload.read(again.pk, clock=lambda: NOW)
    assert counts(again) == {Verdict.ADDED: 5, Verdict.HERE: 20}


def test_too_long_a_list_keeps_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_LINES", 25)
    job = begun(an_offer(codes="uploaded"), "code\n" + "\n".join(f"C{n}" for n in range(40)))
    with pytest.raises(upload.TooLong):
        upload.read(job.pk, clock=lambda: NOW)
    assert counts(job) == {"added": 20}
    assert "more than a million" in job.error
