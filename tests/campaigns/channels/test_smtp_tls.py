"""Nothing is told to a server whose name is not proven, and nothing unencrypted where encryption was chosen."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.channels.base import Accepted, Deferred, Receipt
from campaigns.channels.smtp import Smtp
from campaigns.channels.smtp_kept import Kept
from campaigns.channels.smtp_open import Security, Server
from tests.campaigns.channels.mail_server import ABILITIES, MailServer, Step, mail_server
from tests.campaigns.channels.test_smtp import letter
from tests.cdp.common.outbound.certificates import Authority

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OFFERED = (*ABILITIES, "AUTH PLAIN", "STARTTLS")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def handed(server: MailServer, security: Security, authority: Authority) -> Receipt:
    at = Server("localhost", server.port, security, username="shop", password="s3cret", connect_s=2, reply_s=2)
    message = letter()
    return Smtp(at, pool=Kept(tls=authority.trust())).hand([message], now=NOW)[message.ref]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_that_proves_its_name_gets_the_password_and_the_mail(security: Security, authority: Authority) -> None:
    at_once = security == Security.TLS
    with mail_server(abilities=OFFERED, tls=authority.serving("localhost"), is_tls_at_once=at_once) as server:
        assert isinstance(handed(server, security, authority), Accepted)
        assert len(server.taken) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_with_the_name_of_another_gets_nothing(security: Security, authority: Authority) -> None:
    at_once = security == Security.TLS
    with mail_server(abilities=OFFERED, tls=authority.serving("other.example"), is_tls_at_once=at_once) as server:
        receipt = handed(server, security, authority)
        assert isinstance(receipt, Deferred) and "certificate" in receipt.why
        assert not {"AUTH", "MAIL"} & set(server.verbs())


def test_a_server_without_starttls_gets_nothing(authority: Authority) -> None:
    with mail_server(abilities=(*ABILITIES, "AUTH PLAIN")) as server:
        receipt = handed(server, Security.STARTTLS, authority)
        assert isinstance(receipt, Deferred) and "STARTTLS" in receipt.why
        assert server.verbs() == ["CONNECT", "EHLO"]


def test_words_slipped_in_before_encryption_end_it(authority: Authority) -> None:
    """CVE-2011-0411 turned around: what a man in the middle adds behind the answer to STARTTLS is never believed."""

    def rule(step: Step) -> str | None:
        return "220 Go ahead\r\n250-mail.test\r\n250 AUTH PLAIN" if step.verb == "STARTTLS" else None

    with mail_server(rule, abilities=OFFERED, tls=authority.serving("localhost")) as server:
        receipt = handed(server, Security.STARTTLS, authority)
        assert isinstance(receipt, Deferred) and "before encryption" in receipt.why
        assert "AUTH" not in server.verbs()


def test_what_a_server_can_is_asked_anew_under_encryption(authority: Authority) -> None:
    with mail_server(abilities=OFFERED, tls=authority.serving("localhost")) as server:
        handed(server, Security.STARTTLS, authority)
        assert server.verbs()[:4] == ["CONNECT", "EHLO", "STARTTLS", "EHLO"]


def test_equal_servers_alone_share_connections() -> None:
    one = Server("mail.example", 587, username="a", password="b")
    assert one == replace(one)
    assert one != replace(one, password="c")
