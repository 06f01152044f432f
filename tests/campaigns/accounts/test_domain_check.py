"""Answers of DNS, and the sentence that follows from each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from campaigns.accounts.dns import NoAnswer
from campaigns.accounts.domain_check import Finding, dkim, dmarc, findings, spf
from campaigns.channels.dkim import record_of
from campaigns.models import DomainKey

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAME = "shop.example"


class Zone:
    """DNS of the test."""

    def __init__(self, records: Mapping[str, Sequence[str]]) -> None:
        self.records = records
        self.asked: list[str] = []

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        return self.records.get(name, [])


@pytest.mark.parametrize(
    ("records", "state", "says"),
    [
        ([], "bad", "No server may send"),
        (["google-site-verification=1"], "bad", "No server may send"),
        (["v=spf10 -all"], "bad", "No server may send"),
        (["v=spf1 include:a.example ~all"], "good", "can tell which"),
        (["v=spf1 -all", "other"], "good", "can tell which"),
        (["V=SPF1 mx -ALL"], "good", "can tell which"),
        (["v=spf1 redirect=_spf.a.example"], "good", "can tell which"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "bad", "2 SPF records"),
        (["v=spf1 +all"], "bad", "everybody"),
        (["v=spf1 mx all"], "bad", "everybody"),
        (["v=spf1 mx"], "warn", "End it with ~all"),
        (["v=spf1 " + " ".join(f"include:i{n}.example" for n in range(11)) + " ~all"], "bad", "11 look-ups"),
    ],
)
def test_spf(records: list[str], state: str, says: str) -> None:
    found = spf(NAME, texts_of=Zone({NAME: records}))
    assert (found.state, says in found.says) == (state, True), found


def test_spf_counts_what_includes_ask_and_ends_where_they_go_round() -> None:
    nested = {"a.example": ["v=spf1 " + "mx " * 6 + "~all"], "b.example": ["v=spf1 " + "a " * 5 + "~all"]}
    found = spf(NAME, texts_of=Zone({NAME: ["v=spf1 include:a.example include:b.example ~all"], **nested}))
    assert found.state == "bad" and "look-ups" in found.says
    round_and_round = Zone({NAME: [f"v=spf1 include:{NAME} ~all"]})
    assert spf(NAME, texts_of=round_and_round).state == "bad"
    assert len(round_and_round.asked) < 30


@pytest.mark.parametrize(
    ("records", "signs", "state", "says"),
    [
        ([], True, "bad", "not in DNS"),
        ([], False, "warn", "not in DNS"),
        ([record_of("AbC+/=")], True, "good", "signed with it"),
        ([record_of("AbC+/=")], False, "good", "sign with it"),
        (["v=DKIM1; k=rsa; p=AbC +/ ="], True, "good", "signed with it"),
        (["v=DKIM1;p=AbC+/=;"], True, "good", "signed with it"),
        (["v=DKIM1; p="], True, "bad", "Another key"),
        (["v=DKIM1; p=other"], True, "bad", "Another key"),
        ([record_of("AbC+/="), record_of("x")], True, "bad", "2 records"),
    ],
)
def test_dkim(records: list[str], signs: bool, state: str, says: str) -> None:
    key = DomainKey(selector="t1", public="AbC+/=", signs_since=NOW if signs else None)
    found = dkim(NAME, key, texts_of=Zone({f"t1._domainkey.{NAME}": records}))
    assert (found.state, says in found.says, found.put) == (state, True, "v=DKIM1; k=rsa; p=AbC+/="), found


@pytest.mark.parametrize(
    ("name", "records", "state", "says"),
    [
        (NAME, {}, "bad", "There is none"),
        (NAME, {f"_dmarc.{NAME}": ["v=DMARC1; p=none"]}, "good", "delivered all the same"),
        (NAME, {f"_dmarc.{NAME}": ["v=DMARC1;p=REJECT;"]}, "good", "refused"),
        (NAME, {f"_dmarc.{NAME}": ["v=DMARC1"]}, "bad", "no p="),
        (NAME, {f"_dmarc.{NAME}": ["v=DMARC1; p=none", "v=DMARC1; p=none"]}, "bad", "2 DMARC records"),
        (f"news.{NAME}", {f"_dmarc.{NAME}": ["v=DMARC1; p=quarantine"]}, "good", "spam"),
        (f"news.{NAME}", {"_dmarc.example": ["v=DMARC1; p=reject"]}, "bad", "There is none"),
    ],
)
def test_dmarc(name: str, records: dict[str, Sequence[str]], state: str, says: str) -> None:
    found = dmarc(name, texts_of=Zone(records))
    assert (found.state, says in found.says) == (state, True), found


def test_dns_that_does_not_answer_is_no_fault_of_the_domain() -> None:
    def silent(name: str) -> Sequence[str]:
        raise NoAnswer

    assert [one.state for one in findings(NAME, keys=[DomainKey(selector="t", public="x")], texts_of=silent)] == [
        "unknown"
    ] * 3
    mixed: list[Finding] = findings(NAME, keys=[], texts_of=Zone({}))
    assert [one.state for one in mixed] == ["bad", "warn", "bad"]
