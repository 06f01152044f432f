"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of a domain that mails come from, in sentences that say what to
put where."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from campaigns.accounts.dns import NoAnswer
from campaigns.channels.dkim import record_of
from campaigns.models import DomainKey, SenderDomain

Texts = Callable[[str], Sequence[str]]
"""TXT records of a name; raises NoAnswer."""
MOST_LOOKUPS = 10
_costs = re.compile(r"[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?:[:/]|$)|exists:)|redirect=", re.IGNORECASE)
_all = re.compile(r"[+?~-]?all", re.IGNORECASE)


class State(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    what: str
    state: str
    says: str
    at: str = ""
    """The name in DNS at which something is to be put."""
    put: str = ""
    """The text that belongs there."""


def check(domain: SenderDomain, *, texts_of: Texts, now: datetime) -> list[Finding]:
    """Asks, and keeps what was found."""
    found = findings(domain.name, keys=list(domain.keys.order_by("-created_at")), texts_of=texts_of)
    domain.found, domain.checked_at = [asdict(one) for one in found], now
    domain.save(update_fields=["found", "checked_at"])
    return found


def findings(name: str, *, keys: Sequence[DomainKey], texts_of: Texts) -> list[Finding]:
    of_keys = [_asked("DKIM", partial(dkim, name, key, texts_of=texts_of)) for key in keys or (None,)]
    spf_of, dmarc_of = partial(spf, name, texts_of=texts_of), partial(dmarc, name, texts_of=texts_of)
    return [_asked("SPF", spf_of), *of_keys, _asked("DMARC", dmarc_of)]


def spf(name: str, *, texts_of: Texts) -> Finding:
    records = [one for one in texts_of(name) if re.match(r"v=spf1(?: |$)", one, re.IGNORECASE)]
    example = "v=spf1 include:PROVIDER ~all"
    if not records:
        says = (
            f"No server may send for {name} yet. Put a TXT record at {name} that names yours; the manual of your "
            "mail server or provider says what stands for PROVIDER."
        )
        return Finding("SPF", State.BAD, says, name, example)
    if len(records) > 1:
        says = (
            f"{name} has {len(records)} SPF records, and with more than one receivers believe none. Join them to one."
        )
        return Finding("SPF", State.BAD, says, name)
    terms = records[0].split()[1:]
    if any(one.lower() in ("all", "+all") for one in terms):
        return Finding("SPF", State.BAD, "It allows everybody to send for you. End it with ~all or -all.", name)
    n = _lookups(terms, texts_of, depth=0)
    if n > MOST_LOOKUPS:
        says = f"It asks for {n} look-ups; receivers stop at {MOST_LOOKUPS} and believe none of it. Leave includes out."
        return Finding("SPF", State.BAD, says, name)
    if not any(_all.fullmatch(one) or one.lower().startswith("redirect=") for one in terms):
        return Finding("SPF", State.WARN, "It says nothing of servers it does not name. End it with ~all.", name)
    return Finding("SPF", State.GOOD, "Receivers can tell which servers may send for this domain.", name, records[0])


def dkim(name: str, key: DomainKey | None, *, texts_of: Texts) -> Finding:
    if key is None:
        says = (
            "There is no key here. Mails over a mail server go out unsigned unless that server signs; providers sign "
            "by themselves, with the records they gave you."
        )
        return Finding("DKIM", State.WARN, says)
    at, put = f"{key.selector}._domainkey.{name}", record_of(key.public)
    what = f"DKIM ({key.selector})"
    records = texts_of(at)
    if not records:
        says = f"The key is not in DNS. Put a TXT record at {at}."
        return Finding(what, State.BAD if key.signs_since else State.WARN, says, at, put)
    if len(records) > 1:
        return Finding(what, State.BAD, f"There are {len(records)} records at {at}. Leave one.", at, put)
    published = dict(_tags(records[0])).get("p", "")
    if published != key.public:
        says = f"Another key stands at {at}: mails signed with ours do not verify. Put ours there."
        return Finding(what, State.BAD, says, at, put)
    says = "The key is in DNS, and mails are signed with it." if key.signs_since else "The key is in DNS: sign with it."
    return Finding(what, State.GOOD, says, at, put)


def dmarc(name: str, *, texts_of: Texts) -> Finding:
    at, put = f"_dmarc.{name}", f"v=DMARC1; p=none; rua=mailto:dmarc@{name}"
    for where in _upwards(name):
        records = [one for one in texts_of(f"_dmarc.{where}") if re.match(r"v=DMARC1\s*(?:;|$)", one)]
        if len(records) > 1:
            says = f"There are {len(records)} DMARC records at _dmarc.{where}, and with more than one none counts."
            return Finding("DMARC", State.BAD, says, f"_dmarc.{where}")
        if records:
            return _policy(dict(_tags(records[0])), f"_dmarc.{where}", put)
    says = (
        f"There is none, and Gmail and Yahoo take many mails only from domains that have one. "
        f"Put a TXT record at {at}; p=none changes nothing of what is delivered."
    )
    return Finding("DMARC", State.BAD, says, at, put)


def _policy(tags: dict[str, str], at: str, put: str) -> Finding:
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        return Finding("DMARC", State.BAD, f"The record at {at} has no p= of none, quarantine or reject.", at, put)
    meaning = {
        "none": "mails that others send in your name are delivered all the same, for now",
        "quarantine": "mails that others send in your name land in spam",
        "reject": "mails that others send in your name are refused",
    }
    return Finding("DMARC", State.GOOD, f"There is one: {meaning[policy]}.", at)


def _asked(what: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except NoAnswer:
        return Finding(what, State.UNKNOWN, str(NoAnswer.__doc__))


def _lookups(terms: Sequence[str], texts_of: Texts, *, depth: int) -> int:
    """How many questions a receiver must ask; counted no further than is too many."""
    n = 0
    for term in terms:
        if not _costs.match(term):
            continue
        n += 1
        to = re.match(r"(?:[+?~-]?include:|redirect=)(.+)", term, re.IGNORECASE)
        if to and "%" not in to[1] and depth < MOST_LOOKUPS and n <= MOST_LOOKUPS:
            inner = next((one for one in texts_of(to[1]) if one.lower().startswith("v=spf1")), "")
            n += _lookups(inner.split()[1:], texts_of, depth=depth + 1)
        if n > MOST_LOOKUPS:
            break
    return n


def _upwards(name: str) -> list[str]:
    """The domain, then those above it; never a whole top level."""
    labels = name.split(".")
    return [".".join(labels[at:]) for at in range(max(1, len(labels) - 1))][:4]


def _tags(record: str) -> list[tuple[str, str]]:
    """White space within values counts for nothing: long keys are often pasted in pieces."""
    pairs = (one.partition("=") for one in record.split(";"))
    return [(key.strip(), "".join(value.split())) for key, _, value in pairs if key.strip()]
