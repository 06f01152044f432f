from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cdp.accounts.audit import record
from cdp.accounts.models import User
from tests.cast import Cast
from tests.factories import NOW

AUDIT = "/accounts/audit/"


def entries(cast: Cast) -> None:
    for n in range(120):
        actor = (cast.ada, cast.mara)[n % 2]
        verb = ("created source", "sent campaign")[n % 2]
        record(actor, verb=verb, target=f"thing {n:03}", now=NOW + timedelta(hours=n // 3))


@pytest.mark.parametrize(
    ("query", "first", "shown"),
    [
        ("", "thing 119", 50),
        ("?who=mara", "thing 119", 50),
        ("?who=ada", "thing 118", 50),
        ("?verb=created+source", "thing 118", 50),
        ("?target=thing+007", "thing 007", 1),
        ("?since=2026-11-23", "thing 119", 12),
        ("?until=2026-11-21", "thing 035", 36),
        ("?who=nobody", "", 0),
        ("?since=nonsense", "", 0),
        ("?verb=unheard", "", 0),
    ],
)
def test_the_log_is_filtered_by_its_address(cast: Cast, query: str, first: str, shown: int) -> None:
    entries(cast)
    page = cast.client("ada").get(AUDIT + query).context["page"]
    assert len(page.rows) == shown
    assert not shown or page.rows[0].target == first


def test_pages_hold_every_entry_once_forth_and_back(cast: Cast) -> None:
    entries(cast)
    client = cast.client("stew")
    forth = [page := client.get(AUDIT).context["page"]]
    while page.next:
        forth.append(page := client.get(AUDIT, {"after": page.next}).context["page"])
    assert [row.target for page in forth for row in page.rows] == [f"thing {n:03}" for n in reversed(range(120))]
    back = [page]
    while page.previous:
        back.append(page := client.get(AUDIT, {"before": page.previous}).context["page"])
    assert [page.rows for page in reversed(back)] == [page.rows for page in forth]


@pytest.mark.parametrize("cursor", ["x", "!!!", "eyJhIjoxfQ", "WzFd", "W10", "WyJhIiwiYiJd", "WzEsWzJdXQ"])
def test_a_damaged_page_address_is_a_clear_400(cast: Cast, cursor: str) -> None:
    assert cast.client("ada").get(AUDIT, {"after": cursor}).status_code == 400


def test_a_page_costs_the_same_queries_however_long_the_log(cast: Cast) -> None:
    client = cast.client("ada")
    record(cast.ada, verb="signed in", target="x", now=NOW)
    with CaptureQueriesContext(connection) as few:
        client.get(AUDIT)
    entries(cast)
    with CaptureQueriesContext(connection) as many:
        client.get(AUDIT)
    assert len(many) == len(few)


def test_what_somebody_did_stays_when_they_are_gone(cast: Cast) -> None:
    record(cast.mara, verb="sent campaign", target="Spring", now=NOW)
    User.objects.filter(pk=cast.mara.pk).delete()
    page = cast.client("ada").get(AUDIT).content.decode()
    assert "mara@example.com" in page


def test_hostile_targets_are_text(cast: Cast) -> None:
    record(cast.ada, verb="created source", target="<script>alert(1)</script>", details={"<b>": "<i>"}, now=NOW)
    page = cast.client("ada").get(AUDIT).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;: &lt;i&gt;" in page
