"""No list asks the database more because it is longer: each is opened with three rows and with a dozen."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Endpoint, Feed, MailboxMessage, Offer, Template
from cdp.accounts.models import AuditEntry
from cdp.accounts.roles import Role
from cdp.common.models import Job
from cdp.events.models import Item, RejectedMessage
from cdp.privacy.models import Suppression
from cdp.profiles.models import Profile
from identity.models import Merge
from scoring.models import Clustering, Predictor
from segments.models import Segment
from tests.campaigns.results.making import CONTENT, a_campaign, a_mail
from tests.cast import Cast
from tests.factories import NOW, a_source, a_token, a_user, a_write_key

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 12
OF_NOW = {"created_at": NOW, "changed_at": NOW}


def _person(n: int) -> int:
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "created_at": NOW}
    return int(Profile.objects.create(traits={"firstName": f"P{n}"}, **seen).pk)


def _sent(n: int) -> None:
    a_mail(a_campaign(f"C{n}"), profile_id=_person(n))


def _message(n: int) -> None:
    MailboxMessage.objects.create(
        ref=uuid4(), profile_id=_person(n), campaign_id=a_campaign(f"C{n}").pk, recipient=f"{n}@x.org", subject="Hi",
        source=b"Subject: Hi\n\nHi", at=NOW,
    )  # fmt: skip


def _rejected(n: int) -> None:
    RejectedMessage.objects.create(
        source_id=a_source().pk, body=b"{}", call="track", name=f"E{n}", code="shape", reason="no", received_at=NOW,
        rejected_at=NOW,
    )  # fmt: skip


LISTS: dict[str, Callable[[int], object]] = {
    "/people/": _person,
    "/campaigns/": lambda n: a_campaign(f"C{n}"),
    "/campaigns/results/?first=2026-09-01&last=2026-12-31": _sent,
    "/campaigns/mailbox/": _message,
    "/campaigns/templates/": lambda n: Template.objects.create(name=f"T{n}", kind="saved", content=CONTENT, **OF_NOW),
    "/campaigns/modules/": lambda n: Template.objects.create(name=f"M{n}", kind="module", content=CONTENT, **OF_NOW),
    "/campaigns/offers/": lambda n: Offer.objects.create(
        key=f"o{n}", name=f"O{n}", kind="percent", value=5, codes="none", **OF_NOW
    ),
    "/campaigns/feeds/": lambda n: Feed.objects.create(key=f"f{n}", name=f"F{n}", url="https://x.org/", **OF_NOW),
    "/campaigns/webhooks/": lambda n: Endpoint.objects.create(
        name=f"W{n}", url="https://x.org/", secret=b"x", **OF_NOW
    ),
    "/data/quarantine/": _rejected,
    "/data/items/": lambda n: Item.objects.create(id=f"i{n}", name=f"I{n}", created_at=NOW, updated_at=NOW),
    "/privacy/suppressions/": lambda n: Suppression.objects.create(
        namespace="email", value=f"{n}@x.org", reason="manual", at=NOW
    ),
    "/accounts/audit/": lambda n: AuditEntry.objects.create(
        at=NOW, actor=a_user(), actor_name="A", verb="v", target="t"
    ),
    "/accounts/sources/": lambda n: a_write_key(),
    "/accounts/tokens/": lambda n: a_token(),
    "/accounts/team/": lambda n: a_user(role=Role.VIEWER),
    "/segments/": lambda n: Segment.objects.create(
        name=f"S{n}", rule={"version": 1, "root": {"kind": "trait", "name": "a", "op": "is", "value": n}}, **OF_NOW
    ),
    "/predictions/": lambda n: Predictor.objects.create(name=f"P{n}", days=30, created_at=NOW),
    "/predictions/clusters/": lambda n: Clustering.objects.create(name=f"C{n}", features=[], created_at=NOW),
    "/identity/duplicates/history/": lambda n: Merge.objects.create(
        winner_id=_person(n), loser_id=_person(100 + n), record_ids=[n], at=NOW, xact_id=1
    ),
    "/people/rollbacks/": lambda n: Job.objects.create(kind="profiles.rollback", title=f"R{n}", created_at=NOW),
}


@pytest.mark.parametrize("address", LISTS)
def test_a_longer_list_asks_no_more(address: str, cast: Cast) -> None:
    client, make = cast.client("ada"), LISTS[address]
    counts = []
    for numbers in (range(FEW), range(FEW, MANY)):
        for number in numbers:
            make(number)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0], [one["sql"][:200] for one in asked.captured_queries]
