"""Campaigns of a running product to a mail server that counts."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.campaigns.channels.mail_server import MailServer
from tests.faults.tables import Tables
from tests.product import Product

PREPARE = """
import json
from campaigns.models import Account, Campaign, Delivery, Template
from cdp.common.clock import utc_now
from cdp.profiles.models import Profile

now, made = utc_now(), dict()
content = json.loads({content!r})
for name, (people, per_second) in json.loads({wanted!r}).items():
    account = Account.objects.create(
        name=name, kind="smtp", settings={{"host": "127.0.0.1", "port": {port}, "security": "none"}},
        per_second=per_second, created_at=now, changed_at=now)
    template = Template.objects.create(name=name, content=content, created_at=now, changed_at=now)
    campaign = Campaign.objects.create(
        name=name, template=template, account=account, sender="S <s@x.org>", state="paused", keeps_quiet=False,
        created_at=now, started_at=now)
    addresses = [f"{{name}}{{n}}@x.org" for n in range(people)]
    somebody = Profile.objects.bulk_create(
        Profile(traits={{"email": one}}, first_seen_at=now, last_seen_at=now, created_at=now) for one in addresses)
    Delivery.objects.bulk_create(
        Delivery(profile_id=one.pk, campaign_id=campaign.pk, occurrence="once", address=one.traits["email"],
                 planned_at=now, due_at=now) for one in somebody)
    made[name] = campaign.pk
print(json.dumps(made))
"""
CONTENT = {
    "version": 2,
    "subject": "Hello {{ email }}",
    "blocks": [
        {"id": "go", "kind": "button", "text": "Go", "url": "https://shop.example/"},
        {"id": "foot", "kind": "footer", "text": "A shop"},
    ],
}


@dataclass(frozen=True)
class Mailing:
    """One campaign. It is paused until `begin`."""

    pk: int
    prefix: str
    server: MailServer
    tables: Tables

    def begin(self) -> None:
        self.tables.ask("update campaigns_campaign set state = 'sending' where id = %s returning id", self.pk)

    @property
    def arrived(self) -> Counter[str]:
        """Address → how often the server took it."""
        return Counter(to for _, to, _ in list(self.server.taken) if to.startswith(self.prefix))

    @property
    def is_over(self) -> bool:
        return bool(self.tables.ask("select id from campaigns_campaign where id = %s and state = 'sent'", self.pk))

    def held(self) -> int:
        sql = "select count(*) from campaigns_delivery where campaign_id = %s and state in ('claimed', 'handing')"
        return int(self.tables.ask(sql, self.pk)[0][0])

    def rows(self) -> dict[str, str]:
        """Address → what became of it."""
        sql = "select address, state || coalesce(' ' || nullif(verdict, ''), '') from campaigns_delivery"
        return dict(self.tables.ask(f"{sql} where campaign_id = %s", self.pk))


@contextmanager
def mailings(product: Product, wanted: dict[str, tuple[int, int | None]]) -> Iterator[dict[str, Mailing]]:
    """Name → how many people, and how many a second at most."""
    server = MailServer()
    try:
        code = PREPARE.format(content=json.dumps(CONTENT), wanted=json.dumps(wanted), port=server.port)
        made: dict[str, int] = json.loads(product.manage("shell", "-v0", "-c", code))
        yield {name: Mailing(pk, name, server, Tables(product)) for name, pk in made.items()}
    finally:
        server.stop()
