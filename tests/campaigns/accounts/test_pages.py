"""Accounts and senders as an admin sets them up: over HTTP, with a mail server of the test."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from campaigns import audience
from campaigns.accounts import choices, keys, senders, ways_out
from campaigns.accounts.choices import MAILBOX
from campaigns.channels.known import channel_of, secrets_of
from campaigns.channels.signing import Signed
from campaigns.channels.smtp import Smtp
from campaigns.models import Account, Campaign, DomainKey, MailboxMessage, Sender, SenderDomain, SendingPolicy
from cdp.accounts.models import AuditEntry
from tests.campaigns.channels.mail_server import ABILITIES, MailServer, mail_server
from tests.campaigns.test_send import a_campaign, send_all
from tests.cast import Cast, the_cast
from tests.mails import faults
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SECRET = "a-s3cret-of-ours"
WORDS = "Bye, {{ sender.company | default: 'us' }}"


@pytest.fixture
def cast() -> Cast:
    return the_cast()


def form(server: MailServer | None = None, **more: Any) -> dict[str, Any]:
    return {
        "name": "Our server",
        "set_host": "127.0.0.1",
        "set_port": server.port if server else 2525,
        "set_security": "none",
        "set_username": "shop",
        "set_password": SECRET,
        "set_connections": 1,
        **more,
    }


def an_account(cast: Cast, server: MailServer | None = None, **more: Any) -> Account:
    url = reverse("campaigns:account_new", args=["smtp"])
    answer = cast.client("ada").post(url, form(server, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Account.objects.latest("pk")


def a_sender(cast: Cast) -> Sender:
    about = {"name": "Shop", "address": "Hello@Shop.Example"}
    assert cast.client("ada").post(reverse("campaigns:sender_add"), about).status_code == 302
    return Sender.objects.get()


def test_a_mail_server_is_set_up_tried_changed_and_archived(cast: Cast) -> None:
    client = cast.client("ada")
    with mail_server(abilities=(*ABILITIES, "AUTH PLAIN")) as server:
        account = an_account(cast, server, per_second=50, per_domain="gmail.com 20\n* 5", message_cost="0.001")
        assert account.per_domain == {"gmail.com": 20, "*": 5}
        sender = a_sender(cast)
        url = reverse("campaigns:account_try", args=[account.pk])
        said = client.post(url, {"sender": sender.pk, "to": "ada@example.org"}).content.decode()
        assert "250 Ok: queued as 1" in said
        ((envelope, to, source),) = server.taken
        assert (envelope, to) == ("hello@shop.example", "ada@example.org")
        assert not [fault for fault in faults(source) if fault != "no html part"]
    assert "was not taken" in client.post(url, {"sender": sender.pk, "to": "ada@example.org"}).content.decode()
    assert "no address" in client.post(url, {"sender": sender.pk, "to": "nobody"}).content.decode()
    edit = reverse("campaigns:account_edit", args=[account.pk])
    assert client.post(edit, form(set_password="", name="Renamed")).status_code == 302
    account.refresh_from_db()
    assert (account.name, secrets_of(account)["password"]) == ("Renamed", SECRET)
    assert client.post(reverse("campaigns:account_archive", args=[account.pk])).status_code == 302
    assert choices.choices() == [("", MAILBOX)]
    assert client.post(reverse("campaigns:account_restore", args=[account.pk])).status_code == 302
    assert choices.choices() == [("", MAILBOX), (str(account.pk), "Renamed")]


def test_a_secret_is_never_shown_again(cast: Cast) -> None:
    account = an_account(cast)
    assert SECRET not in str(account.settings) and SECRET.encode() not in bytes(account.secrets or b"")
    for name in ("account", "account_edit"):
        assert SECRET not in cast.client("ada").get(reverse(f"campaigns:{name}", args=[account.pk])).content.decode()
    assert SECRET not in str(list(AuditEntry.objects.values()))
    wrong = cast.client("ada").post(reverse("campaigns:account_new", args=["smtp"]), form(set_port=0, name="Other"))
    assert wrong.status_code == 422 and SECRET not in wrong.content.decode()


@pytest.mark.parametrize(
    ("kind", "more", "says"),
    [
        ("smtp", {"set_host": "a b"}, "name as it stands"),
        ("smtp", {"set_host": "mail.example"}, "encrypted connection"),
        ("smtp", {"set_return_path": "nobody"}, "no address"),
        ("smtp", {"per_domain": "gmail.com fast"}, "a domain and a number"),
        ("smtp", {"per_domain": "gmail.com 0"}, "a domain and a number"),
        ("postmark", {}, "required"),
    ],
)
def test_what_cannot_work_is_said_where_it_stands(cast: Cast, kind: str, more: dict[str, Any], says: str) -> None:
    answer = cast.client("ada").post(reverse("campaigns:account_new", args=[kind]), form(**more))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Account.objects.exists()


def test_an_account_that_campaigns_use_stays(cast: Cast) -> None:
    account = an_account(cast)
    campaign = a_campaign("ann")
    Campaign.objects.filter(pk=campaign.pk).update(account=account, state=Campaign.State.SENDING)
    answer = cast.client("ada").post(reverse("campaigns:account_archive", args=[account.pk]), follow=True)
    assert "under way" in answer.content.decode()
    assert Account.objects.get().archived_at is None


def test_an_unknown_sender_is_refused_and_a_known_ones_domain_is_spoken_of(cast: Cast) -> None:
    account = an_account(cast)
    a_sender(cast)
    assert senders.choices() == ["Shop <hello@shop.example>"]
    assert senders.refusal("Anybody <evil@example.net>", None) == ""
    assert "no sender that was set up" in senders.refusal("Anybody <evil@example.net>", account)
    assert senders.refusal("Another name <HELLO@shop.example>", account) == ""
    assert "not checked" in senders.warnings("Shop <hello@shop.example>")[0]
    assert senders.warnings("Anybody <evil@example.net>") == []
    campaign = a_campaign("ann")
    campaign.sender = "Anybody <evil@example.net>"
    assert ways_out.mistakes(campaign) == [] == ways_out.warnings(campaign)
    campaign.account = account
    assert "no sender" in ways_out.mistakes(campaign)[0]
    assert "postal address" in ways_out.warnings(campaign)[0]
    campaign.save()
    with pytest.raises(audience.NotReady, match="no sender that was set up"):
        audience.start(campaign, now=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(sender="Shop <hello@shop.example>")
    assert audience.start(Campaign.objects.get(), now=NOW) == 1


def test_a_campaigns_form_offers_known_senders_and_refuses_others_over_an_account(cast: Cast) -> None:
    account, client = an_account(cast), cast.client("mara")
    a_sender(cast)
    campaign = a_campaign("ann")
    url = reverse("campaigns:edit", args=[campaign.pk])
    assert "Shop &lt;hello@shop.example&gt;" in client.get(url).content.decode()
    given = {"name": "C", "included": [one.pk for one in campaign.included.all()], "account": account.pk}
    answer = client.post(url, {**given, "sender": "Anybody <evil@example.net>"})
    assert "no sender that was set up" in answer.content.decode()
    answer = client.post(url, {**given, "sender": "Shop, Inc. <hello@shop.example>"}, follow=True)
    assert "shop.example was not checked yet" in answer.content.decode()
    assert Campaign.objects.get().account == account


def test_a_key_is_made_its_record_shown_and_mails_are_signed_once_it_is_used(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, domain = cast.client("ada"), a_sender(cast).domain
    client.post(reverse("campaigns:key_make", args=[domain.pk]))
    key = DomainKey.objects.get()
    assert b"PRIVATE" not in bytes(key.private)
    page = client.get(reverse("campaigns:domain", args=[domain.pk])).content.decode()
    assert f"v=DKIM1; k=rsa; p={key.public}" in page.replace("&amp;", "&").replace("&#x3D;", "=")
    assert "tributary1._domainkey.shop.example" in page
    account = an_account(cast)
    assert isinstance(channel_of(account), Smtp)
    client.post(reverse("campaigns:key_use", args=[key.pk]))
    assert isinstance(channel_of(account), Signed)
    answers = {"tributary1._domainkey.shop.example": [f"v=DKIM1; k=rsa; p={key.public}"]}
    monkeypatch.setattr("campaigns.views.senders.texts_of", lambda name: answers.get(name, []))
    client.post(reverse("campaigns:domain_check", args=[domain.pk]))
    found = {one.what: one.state for one in senders.findings(SenderDomain.objects.get())}
    assert found == {"SPF": "bad", "DKIM (tributary1)": "good", "DMARC": "bad"}
    assert [one[:5] for one in senders.warnings("Shop <hello@shop.example>")] == ["SPF: ", "DMARC"]
    assert client.get(reverse("campaigns:senders")).status_code == 200


def test_a_campaigns_mails_are_signed_and_say_who_we_are(cast: Cast) -> None:
    """That the signature verifies and covers what it must is seen to for every mail (tests/mails.py)."""
    domain = a_sender(cast).domain
    keys.use(keys.make(domain, by=cast.ada, now=NOW), by=cast.ada, now=NOW)
    about = {"company": "Example Shop Ltd", "postal_address": "1 Example Street\n\n12345 Example Town"}
    assert cast.client("ada").post(reverse("campaigns:company"), about).status_code == 302
    campaign = a_campaign("ann", blocks=[{"id": "t", "kind": "text", "text": WORDS}])
    Campaign.objects.filter(pk=campaign.pk).update(sender="Shop <hello@shop.example>")
    campaign.refresh_from_db()
    audience.start(campaign, now=NOW)
    send_all(campaign, channel_of(None))
    source = bytes(MailboxMessage.objects.get().source)
    assert source.startswith(b"DKIM-Signature: ")
    assert not faults(source, is_campaign=True, key_of=lambda domain, selector: DomainKey.objects.get().public)
    parsed = message_from_bytes(source, policy=policy.default)
    for kind in ("plain", "html"):
        body = parsed.get_body((kind,))
        assert body is not None
        words = body.get_content()
        assert "1 Example Street, 12345 Example Town" in words
        assert words.count("Example Shop Ltd") == 2


def test_without_company_and_address_the_footer_says_nothing_of_them() -> None:
    campaign = a_campaign("ann", blocks=[{"id": "t", "kind": "text", "text": "Bye"}])
    audience.start(campaign, now=NOW)
    send_all(campaign)
    assert MailboxMessage.objects.count() == 1
    assert not SendingPolicy.objects.exclude(company="").exists()


def test_secrets_and_keys_are_sealed_anew(cast: Cast, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    account, domain = an_account(cast), a_sender(cast).domain
    keys.make(domain, by=cast.ada, now=NOW)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("seal_secrets")
    settings.ENCRYPTION_KEYS = ["new"]
    account.refresh_from_db()
    assert secrets_of(account)["password"] == SECRET
    keys.use(DomainKey.objects.get(), by=cast.ada, now=NOW)
    assert isinstance(channel_of(account), Signed)
    settings.ENCRYPTION_KEYS = ["another"]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("seal_secrets")
    assert "Enter them anew" in cast.client("ada").get(reverse("campaigns:account", args=[account.pk])).content.decode()


def test_marketers_may_not(cast: Cast) -> None:
    for name in ("accounts", "senders", "account_choose"):
        assert cast.client("mara").get(reverse(f"campaigns:{name}")).status_code == 403
