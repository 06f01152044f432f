"""Do the links and images of a mail answer? Each address is asked once, one at a time of a host, through the guarded
client."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from cdp.common.outbound import Client, Limits, OutboundError, OutboundFailed, OutboundRefused, Received

AT_ONCE = 4
"""Hosts."""
PATIENCE = 3
"""A host that said nothing so often in a row is left alone."""
LINK = Limits(total_s=8.0, most_bytes=20_000, is_cut=True, redirects=5)
IMAGE = Limits(total_s=12.0, most_bytes=3_000_000, is_cut=True, redirects=5)
ACCEPT = {"Accept": "text/html,application/xhtml+xml,image/*;q=0.9,*/*;q=0.8"}
GONE = frozenset({404, 410})
SHY = frozenset({401, 403, 405, 406, 429, 451, 999})
"""What hosts answer to whom they take for a robot."""


class Kind(StrEnum):
    LINK = "link"
    IMAGE = "image"


class Verdict(StrEnum):
    FINE = "fine"
    BROKEN = "broken"
    UNSURE = "unsure"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    kind: Kind
    place: str = ""
    """Where in the content it stands first."""
    profile_id: int | None = None
    """For whom it is so, where it is not the same for all."""


@dataclass(frozen=True, slots=True)
class Tried:
    address: Address
    verdict: Verdict
    words: str
    status: int | None = None
    n_bytes: int | None = None
    """Of an image, as far as it was told or read."""


def try_all(addresses: Sequence[Address], *, client: Client, tell: Callable[[int], None]) -> list[Tried]:
    """Each once, in the order of `addresses`. `tell` hears how many are done; what it raises ends it."""
    once: dict[str, Address] = {}
    for one in addresses:
        once.setdefault(one.url, one)
    by_host: dict[str, list[Address]] = {}
    for one in once.values():
        by_host.setdefault(_host(one.url), []).append(one)
    found: dict[str, Tried] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="links") as pool:
        try:
            for tried in pool.map(lambda some: _of_host(some, client), by_host.values()):
                found |= {one.address.url: one for one in tried}
                tell(len(found))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [found[url] for url in once]


def image_bytes(tried: Iterable[Tried]) -> Mapping[str, int]:
    return {one.address.url: one.n_bytes for one in tried if one.n_bytes is not None}


def _of_host(addresses: Sequence[Address], client: Client) -> list[Tried]:
    found: list[Tried] = []
    silences = 0
    for one in addresses:
        if silences >= PATIENCE:
            words = f"Not tried: the host gave no answer {PATIENCE} times in a row."
            found.append(Tried(one, Verdict.UNTRIED, words))
            continue
        tried = _try(one, client)
        silences = silences + 1 if tried.status is None and tried.verdict is not Verdict.UNTRIED else 0
        found.append(tried)
    return found


def _try(address: Address, client: Client) -> Tried:
    try:
        received = _asked(address, client)
    except OutboundRefused as error:
        return Tried(address, Verdict.UNTRIED, f"Not tried. {error}")
    except OutboundFailed as error:
        return Tried(address, Verdict.BROKEN if error.permanent else Verdict.UNSURE, str(error))
    except OutboundError as error:
        return Tried(address, Verdict.UNSURE, str(error))
    return _judged(address, received)


def _asked(address: Address, client: Client) -> Received:
    """HEAD says enough of most; what answers it with an error, or an image without its size, is asked by GET."""
    limits = IMAGE if address.kind is Kind.IMAGE else LINK
    try:
        received = client.send("HEAD", address.url, headers=ACCEPT, limits=limits)
    except OutboundFailed as error:
        if error.permanent:
            raise
    else:
        needs_size = address.kind is Kind.IMAGE and not received.headers.get("content-length", "").isdigit()
        if received.status < 400 and not needs_size:
            return received
    return client.get(address.url, headers=ACCEPT, limits=limits)


def _judged(address: Address, received: Received) -> Tried:
    status = received.status
    if status in GONE:
        return Tried(address, Verdict.BROKEN, f"There is nothing: the host answers {status}.", status)
    if status in SHY:
        words = f"The host answers {status}: it may not like programs. Open it yourself."
        return Tried(address, Verdict.UNSURE, words, status)
    if status >= 400:
        return Tried(address, Verdict.UNSURE, f"The host answers {status}: something is wrong there.", status)
    if status >= 300:
        return Tried(address, Verdict.UNSURE, f"It redirects ({status}) without saying where to.", status)
    if address.kind is Kind.LINK:
        words = f"Answers, over {received.url}" if received.redirects else "Answers"
        return Tried(address, Verdict.FINE, words, status)
    kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        return Tried(address, Verdict.BROKEN, f"Is no image: the host answers {kind}.", status)
    told = received.headers.get("content-length", "")
    n = max(int(told) if told.isdigit() else 0, len(received.body))
    return Tried(address, Verdict.FINE, f"Answers, {n / 1000:,.0f} KB", status, n)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
