"""Campaigns to a mail server that counts: of a running product, or of the test's own database."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import Account, Campaign, Delivery, Template
from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from tests.campaigns.channels.mail_server import MailServer
from tests.faults.tables import Tables
from tests.product import Product

CONTENT = {
    "version": 2,
    "subject": "Hello {{ email }}",
    "blocks": [
        {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"},
        {"id": "foot", "kind": "footer", "text": "A shop"},
    ],
}
MAKE = """
import json
from tests.faults.mailing import make
wanted = json.loads(%r)
print(json.dumps({name: make(name, n, port=%d, per_second=rate) for name, (n, rate) in wanted.items()}))
"""


@dataclass(frozen=True)
class Mailing:
    """One campaign. It is paused until `begin`."""

    pk: int
    prefix: str
    server: MailServer
    ask: Callable[..., list[Any]]

    def begin(self) -> None:
        self.ask("update campaigns_campaign set state = 'sending' where id = %s returning id", self.pk)

    @property
    def arrived(self) -> Counter[str]:
        """Address → how often the server took it."""
        return Counter(to for _, to, _ in list(self.server.taken) if to.startswith(self.prefix))

    @property
    def is_over(self) -> bool:
        return bool(self.ask("select id from campaigns_campaign where id = %s and state = 'sent'", self.pk))

    def holders(self) -> int:
        """How many claims hold rows of it."""
        sql = "select count(distinct fence) from campaigns_delivery where campaign_id = %s and state = any(%s)"
        return int(self.ask(sql, self.pk, ["claimed", "handing"])[0][0])

    def rows(self) -> dict[str, str]:
        """Address → what became of it."""
        sql = "select address, state || coalesce(' ' || nullif(verdict, ''), '') from campaigns_delivery"
        return dict(self.ask(f"{sql} where campaign_id = %s", self.pk))

    def wrong(self) -> dict[str, int]:
        """What must never be, in numbers; those in doubt are none of it."""
        arrived, rows = self.arrived, self.rows()
        doubtful = {address for address, became in rows.items() if became.startswith("unknown")}
        accepted = {address for address, became in rows.items() if became == "accepted"}
        found = {
            "got it twice": sum(n > 1 for n in arrived.values()),
            "unaccounted for": len(rows.keys() - doubtful - accepted),
            "said to have it, but have not": len(accepted - arrived.keys()),
            "have it, but are not said to": len(arrived.keys() - accepted - doubtful),
        }
        return {name: n for name, n in found.items() if n}


def make(name: str, people: int, *, port: int, per_second: int | None = None, is_planned: bool = True) -> int:
    """Its id. Not planned yet, it is for everybody there is, and begins by itself."""
    now = utc_now()
    own = {"host": "127.0.0.1", "port": port, "security": "none"}
    account = Account.objects.create(
        name=name, kind="smtp", settings=own, per_second=per_second, created_at=now, changed_at=now
    )
    template = Template.objects.create(name=name, content=CONTENT, created_at=now, changed_at=now)
    start = {"state": "paused", "started_at": now} if is_planned else {"state": "scheduled", "next_at": now}
    made = Campaign.objects.create(
        name=name, template=template, account=account, sender="S <s@x.org>", keeps_quiet=False, created_at=now, **start
    )
    crowd = [_somebody(f"{name}{n}@x.org", now) for n in range(people)]
    Profile.objects.bulk_create(crowd)
    if is_planned:
        Delivery.objects.bulk_create(_planned(one, made, now) for one in crowd)
    return made.pk


@contextmanager
def mailings(product: Product, wanted: Mapping[str, tuple[int, int | None]]) -> Iterator[dict[str, Mailing]]:
    """Name → how many people, and how many a second at most."""
    server = MailServer()
    try:
        made: dict[str, int] = json.loads(
            product.manage("shell", "-v0", "-c", MAKE % (json.dumps(wanted), server.port))
        )
        yield {name: Mailing(pk, name, server, Tables(product).ask) for name, pk in made.items()}
    finally:
        server.stop()


def _somebody(address: str, now: datetime) -> Profile:
    return Profile(traits={"email": address}, first_seen_at=now, last_seen_at=now, created_at=now)


def _planned(one: Profile, campaign: Campaign, now: datetime) -> Delivery:
    return Delivery(
        profile_id=one.pk,
        campaign_id=campaign.pk,
        occurrence="once",
        address=one.traits["email"],
        planned_at=now,
        due_at=now,
    )
