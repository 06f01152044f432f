"""What a mail server says and does not say, and what we make of it for each message."""

import base64
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from campaigns.channels.base import Accepted, Deferred, Failed, Message, Receipt
from campaigns.channels.smtp import Smtp
from campaigns.channels.smtp_kept import Kept
from campaigns.channels.smtp_open import Security, Server
from tests.campaigns.channels.mail_server import ABILITIES, HangUp, MailServer, Rule, Step, mail_server

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = ("SIZE 10000000",)
"""A server that does not know pipelining."""


def letter(to: str = "ada@example.org", *, body: str = "Hello") -> Message:
    source = f"From: Shop <shop@example.com>\r\nTo: {to}\r\nSubject: Hi\r\n\r\n{body}\r\n".encode()
    return Message(uuid4(), 1, None, to, "Hi", source)


def letters(n: int) -> list[Message]:
    return [letter(f"person{at}@example.org") for at in range(1, n + 1)]


def over(server: MailServer, **given: object) -> Smtp:
    at = Server("127.0.0.1", server.port, Security.NONE, connect_s=5, reply_s=5)
    return Smtp(at, pool=Kept(), **given)  # type: ignore[arg-type]


def handed(server: MailServer, messages: list[Message], **given: object) -> list[Receipt | None]:
    receipts = over(server, **given).hand(messages, now=NOW)
    return [receipts.get(one.ref) for one in messages]


def kinds(receipts: list[Receipt | None]) -> list[str]:
    return [type(one).__name__ if one else "unknown" for one in receipts]


def at(verb: str, number: int, answer: str | None = None) -> Rule:
    """That step is answered so; without an answer the server hangs up instead."""

    def rule(step: Step) -> str | None:
        if (step.verb, step.number) != (verb, number):
            return None
        if answer is None:
            raise HangUp
        return answer

    return rule


@pytest.mark.parametrize("abilities", [ABILITIES, PLAIN])
def test_each_is_taken_once_in_its_own_envelope(abilities: tuple[str, ...]) -> None:
    with mail_server(abilities=abilities) as server:
        sent = letters(5)
        assert kinds(handed(server, sent)) == ["Accepted"] * 5
        assert [(sender, to) for sender, to, _ in server.taken] == [("shop@example.com", one.recipient) for one in sent]
        assert [content for _, _, content in server.taken] == [one.source for one in sent]
        assert server.connections == 1


def test_a_group_goes_out_before_the_first_answer_where_that_is_allowed() -> None:
    with mail_server() as server:
        handed(server, letters(3))
        assert server.most_waiting == 3  # MAIL, RCPT, DATA; never the content of two
    with mail_server(abilities=PLAIN) as server:
        handed(server, letters(3))
        assert server.most_waiting == 1


def test_a_connection_is_kept_and_one_that_was_closed_meanwhile_is_replaced() -> None:
    with mail_server() as server:
        channel = over(server)
        for _ in range(3):
            assert all(isinstance(one, Accepted) for one in channel.hand(letters(2), now=NOW).values())
        assert server.connections == 1
        for one in server._open:
            one.close()
        receipts = channel.hand(letters(2), now=NOW)
        assert kinds(list(receipts.values())) == ["Accepted"] * 2
        assert server.connections == 2


@pytest.mark.parametrize("abilities", [ABILITIES, PLAIN])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize(("answer", "kind"), [("550 5.7.1 No", "Failed"), ("451 4.3.0 Later", "Deferred")])
def test_what_is_refused_harms_no_other(verb: str, answer: str, kind: str, abilities: tuple[str, ...]) -> None:
    with mail_server(at(verb, 2, answer), abilities=abilities) as server:
        receipts = handed(server, letters(4))
        assert kinds(receipts) == ["Accepted", kind, "Accepted", "Accepted"]
        assert receipts[1] is not None and getattr(receipts[1], "why", "") == answer
        assert len(server.taken) == 3
        assert server.connections == 1


def test_a_server_that_wants_the_content_of_a_refused_one_gets_an_empty_one() -> None:
    """RFC 2920, 3.1: DATA may be answered with 354 although no recipient was taken."""

    def rule(step: Step) -> str | None:
        if step.verb == "RCPT" and step.number == 2:
            return "550 5.1.1 Nobody"
        return "354 Go on anyway" if step.verb == "DATA" and step.number == 2 else None

    with mail_server(rule) as server:
        assert kinds(handed(server, letters(3))) == ["Accepted", "Failed", "Accepted"]
        assert len(server.taken) == 2


@pytest.mark.parametrize("abilities", [ABILITIES, PLAIN])
@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        ("CONNECT", "Accepted"),
        ("EHLO", "Accepted"),
        ("MAIL", "Accepted"),
        ("RCPT", "Accepted"),
        ("DATA", "Accepted"),
        ("FIRST", "unknown"),
        ("CONTENT", "unknown"),
    ],
)
def test_a_broken_connection_leaves_open_only_what_was_handed_over(
    verb: str, kind: str, abilities: tuple[str, ...]
) -> None:
    """Before CONNECT and EHLO nothing was handed over: all that wait, wait longer."""
    number = 1 if verb in ("CONNECT", "EHLO") else 2
    with mail_server(at(verb, number), abilities=abilities) as server:
        receipts = handed(server, letters(4))
        if number == 1:
            assert kinds(receipts) == ["Deferred"] * 4
            assert not server.taken
        else:
            assert kinds(receipts) == ["Accepted", kind, "Accepted", "Accepted"]
            assert len({to for _, to, _ in server.taken}) == len(server.taken) == (3 if kind == "unknown" else 4)


def test_a_content_that_was_cut_off_is_handed_over_anew() -> None:
    """The server hangs up while a long content is still being sent: it cannot have taken it."""
    messages = letters(3)
    messages[1] = letter("long@example.org", body=("x" * 70 + "\r\n") * 400_000)
    with mail_server(at("FIRST", 2)) as server:
        assert kinds(handed(server, messages)) == ["Accepted"] * 3
        assert [to for _, to, _ in server.taken] == [one.recipient for one in messages]


def test_the_one_a_server_always_breaks_on_waits_and_the_others_go_out() -> None:
    def rule(step: Step) -> str | None:
        if step.verb == "RCPT" and "person2" in step.said:
            raise HangUp
        return None

    with mail_server(rule) as server:
        assert kinds(handed(server, letters(4))) == ["Accepted", "Deferred", "Accepted", "Accepted"]


def test_a_server_that_always_breaks_is_left_alone_soon() -> None:
    def rule(step: Step) -> str | None:
        if step.verb == "MAIL":
            raise HangUp
        return None

    with mail_server(rule) as server:
        assert kinds(handed(server, letters(50))) == ["Deferred"] * 50
        assert server.connections == 3


def test_a_server_that_takes_and_hangs_up_leaves_few_unknown() -> None:
    def rule(step: Step) -> str | None:
        if step.verb == "CONTENT":
            raise HangUp
        return None

    with mail_server(rule) as server:
        said = kinds(handed(server, letters(50)))
        assert said == ["unknown"] * 3 + ["Deferred"] * 47


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_421_before_the_content_is_a_new_connection(verb: str) -> None:
    """Many servers take so many on one connection and no more."""
    with mail_server(at(verb, 3, "421 4.7.0 Too many on this connection")) as server:
        assert kinds(handed(server, letters(4))) == ["Accepted"] * 4
        assert server.connections == 2


def test_421_to_a_content_defers_it() -> None:
    with mail_server(at("CONTENT", 2, "421 4.3.2 Shutting down")) as server:
        assert kinds(handed(server, letters(3))) == ["Accepted", "Deferred", "Accepted"]


def test_a_silent_server_costs_its_time_and_no_more() -> None:
    never = threading.Event()

    def rule(step: Step) -> str | None:
        if step.verb == "MAIL":
            never.wait(10)
        return None

    with mail_server(rule) as server:
        at_once = Server("127.0.0.1", server.port, Security.NONE, connect_s=1, reply_s=0.2)
        messages = letters(3)
        receipts = Smtp(at_once, pool=Kept()).hand(messages, now=NOW)
        never.set()
        assert [receipts[one.ref] for one in messages] == [Deferred("The server did not answer in time.")] * 3


def test_what_there_was_no_time_for_waits() -> None:
    with mail_server() as server:
        receipts = handed(server, letters(3), hand_s=0.0)
        assert kinds(receipts) == ["Deferred"] * 3
        assert "slow" in getattr(receipts[0], "why", "")


def test_several_connections_share_the_work() -> None:
    with mail_server() as server:
        messages = letters(20)
        assert kinds(handed(server, messages, connections=4)) == ["Accepted"] * 20
        assert server.connections == 4
        assert sorted(to for _, to, _ in server.taken) == sorted(one.recipient for one in messages)


@pytest.mark.parametrize(
    ("answer", "is_bounce"),
    [
        ("550 5.1.1 No such user here", True),
        ("550 5.1.10 Takes no mail (null MX)", True),
        ("550 No such user", True),
        ("550 5.7.1 Message looks like spam", False),
        ("554 5.7.1 Client host blocked; user unknown to us", False),
        ("552 5.2.2 Mailbox full", False),
    ],
)
def test_only_an_address_that_is_gone_is_a_bounce(answer: str, is_bounce: bool) -> None:
    with mail_server(at("RCPT", 1, answer)) as server:
        assert handed(server, letters(1)) == [Failed(answer, is_bounce=is_bounce)]
    with mail_server(at("CONTENT", 1, answer)) as server:
        assert handed(server, letters(1)) == [Failed(answer)]


@pytest.mark.parametrize("body", [".", "..", ".hidden", "a\r\n.\r\nMAIL FROM:<evil@example.com>", "a\r\n..b\r\n."])
def test_dots_arrive_as_they_were(body: str) -> None:
    with mail_server() as server:
        message = letter(body=body)
        assert kinds(handed(server, [message, letter("next@example.org")])) == ["Accepted"] * 2
        assert server.taken[0][2] == message.source
        assert len(server.taken) == 2


@pytest.mark.parametrize("end", ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n"])
def test_no_line_end_smuggles_a_second_mail(end: str) -> None:
    with mail_server() as server:
        body = f"a{end}MAIL FROM:<evil@example.com>{end}RCPT TO:<victim@example.com>"
        assert kinds(handed(server, [letter(body=body)])) == ["Accepted"]
        assert len(server.taken) == 1
        content = server.taken[0][2]
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")


@pytest.mark.parametrize(
    "to",
    [
        "a@b>\r\nRCPT TO:<c@d.example",
        "a b@c.example",
        "",
        "nobody",
        "a@b@c",
        "<a@b.example>",
        "a\x00@b.example",
        "a@b\n",
    ],
)
def test_no_address_is_a_command(to: str) -> None:
    with mail_server() as server:
        first, after = letter(), letter("next@example.org")
        bad = Message(uuid4(), 1, None, to, "Hi", first.source)
        assert kinds(handed(server, [first, bad, after])) == ["Accepted", "Failed", "Accepted"]
        assert [one for one in server.verbs() if one == "RCPT"] == ["RCPT"] * 2


def test_names_of_hosts_outside_ascii_are_encoded_and_other_letters_need_a_server_that_knows_them() -> None:
    with mail_server() as server:
        assert kinds(handed(server, [letter("ada@bücher.example"), letter("jürgen@example.org")])) == [
            "Accepted",
            "Failed",
        ]
        assert server.taken[0][1] == "ada@xn--bcher-kva.example"
    with mail_server(abilities=(*ABILITIES, "SMTPUTF8")) as server:
        assert kinds(handed(server, [letter("jürgen@example.org")])) == ["Accepted"]
        assert "SMTPUTF8" in next(step.said for step in server.steps if step.verb == "MAIL")


def test_bounces_go_where_the_account_says() -> None:
    with mail_server() as server:
        handed(server, letters(1), return_path="bounces@example.net")
        assert server.taken[0][0] == "bounces@example.net"


@pytest.mark.parametrize(
    ("abilities", "said"),
    [
        ((*ABILITIES, "AUTH PLAIN LOGIN"), "PLAIN " + base64.b64encode(b"\0shop\0s3cret").decode()),
        (
            (*ABILITIES, "AUTH LOGIN"),
            f"LOGIN {base64.b64encode(b'shop').decode()} {base64.b64encode(b's3cret').decode()}",
        ),
    ],
)
def test_signs_in(abilities: tuple[str, ...], said: str) -> None:
    with mail_server(abilities=abilities) as server:
        channel = Smtp(_signed_in(server), pool=Kept())
        message = letter()
        assert channel.hand([message], now=NOW)[message.ref] == Accepted("250 Ok: queued as 1")
        assert [step.said for step in server.steps if step.verb == "AUTH"] == [said]


@pytest.mark.parametrize(
    ("rule", "abilities", "why"),
    [
        (at("AUTH", 1, "535 5.7.8 Wrong"), (*ABILITIES, "AUTH PLAIN"), "535 5.7.8 Wrong"),
        (lambda step: None, ABILITIES, "takes no password"),
        (at("CONNECT", 1, "554 Go away"), ABILITIES, "554 Go away"),
        (at("CONNECT", 1, "SSH-2.0-OpenSSH"), ABILITIES, "no SMTP"),
    ],
)
def test_nothing_is_lost_when_the_server_does_not_let_us_in(rule: Rule, abilities: tuple[str, ...], why: str) -> None:
    with mail_server(rule, abilities=abilities) as server:
        message = letter()
        receipt = Smtp(_signed_in(server), pool=Kept()).hand([message], now=NOW)[message.ref]
        assert isinstance(receipt, Deferred) and why in receipt.why
        assert "s3cret" not in receipt.why and "s3cret" not in repr(_signed_in(server))


def test_a_password_never_goes_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.channels.smtp_open.is_this_machine", lambda host: False)
    with mail_server(abilities=(*ABILITIES, "AUTH PLAIN")) as server:
        message = letter()
        receipt = Smtp(_signed_in(server), pool=Kept()).hand([message], now=NOW)[message.ref]
        assert isinstance(receipt, Deferred) and "encrypted" in receipt.why
        assert "AUTH" not in server.verbs()


def test_no_server_at_all() -> None:
    with mail_server() as server:
        port = server.port
    message = letter()
    nobody = Server("127.0.0.1", port, Security.NONE, connect_s=1)
    assert isinstance(Smtp(nobody, pool=Kept()).hand([message], now=NOW)[message.ref], Deferred)


def _signed_in(server: MailServer) -> Server:
    return Server("127.0.0.1", server.port, Security.NONE, username="shop", password="s3cret", reply_s=5)
