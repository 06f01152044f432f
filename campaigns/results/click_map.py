"""The mail as it was sent, with what each of its links was clicked drawn beside it."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import connection

from campaigns import sample_person
from campaigns.content.compose import prepare
from campaigns.content.press import About, Recipient, made_ready
from campaigns.content.render import Links, RenderError, render
from campaigns.content.vocabulary import Vocabulary
from campaigns.models import Campaign
from campaigns.preview import REF
from campaigns.preview_branches import can_be_forced
from campaigns.results.contents import Said
from campaigns.results.rates import Rate

MOST = 500
NOWHERE = "https://link.invalid/"
_WHERE = "d.campaign_id = %s and d.state = 'accepted' and d.bounced_at is null and d.variant = %s and d.branches @> %s"
_CLICKS = f"""
select h.block, h.target, count(distinct h.ref)
  from campaigns_hit h join campaigns_delivery d on d.ref = h.ref
 where h.campaign_id = %s and h.kind = 'click' and h.verdict = 'human' and {_WHERE}
 group by h.block, h.target order by 3 desc, 1, 2 limit {MOST}
"""
_GOT = f"select count(*) from campaigns_delivery d where {_WHERE}"
_ANCHOR = re.compile(r'<a\b(?P<before>[^>]*?)href="https://link\.invalid/(?P<number>\d+)"(?P<after>[^>]*)>')
STYLE = """<style>
a[data-clicks]{position:relative;outline:2px solid rgba(11,107,127,.55);outline-offset:1px}
a[data-clicks="0"]{outline:1px dashed rgba(90,90,90,.5)}
a[data-clicks]>b.clicks{position:absolute;z-index:9;right:-4px;top:-14px;padding:1px 7px;border-radius:9px;
background:#0b5a6a;color:#fff;font:600 12px/17px system-ui,sans-serif;letter-spacing:0;text-decoration:none;
text-transform:none;white-space:nowrap}
a[data-clicks="0"]>b.clicks{background:#555}
</style>"""


@dataclass(frozen=True)
class Link:
    """`clicked` of the mails that had it. A link with an address of its own for each person stands under its block."""

    block: str
    label: str
    target: str
    clicked: Rate
    is_shown: bool
    """In the mail beside the list: a person's own products are not."""


@dataclass(frozen=True)
class ClickMap:
    html: str
    links: tuple[Link, ...]
    got: int


class CannotBeShown(Exception):
    """The mail as it was sent cannot be made for an example any more."""


@dataclass
class _Places:
    """The links of the rendered mail, numbered as they were written."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def track(self, target: str, block: str) -> str:
        self.found.append((block, bare(target)))
        return f"{NOWHERE}{len(self.found) - 1}"


def click_map(
    campaign: Campaign, said: Said, *, variant: int, forced: Mapping[str, int], about: About, now: datetime
) -> ClickMap:
    """Of one variant and, where `forced` says so, of those who got these branches. Raises CannotBeShown."""
    chosen = can_be_forced(said.compiled, forced)
    clicks, got = _clicks(campaign, variant, chosen)
    html, places = _rendered(said, chosen, about=about, now=now)
    shown = set(places)
    links = tuple(
        Link(block, said.names.get(block, ""), target, Rate(n, got), (block, target) in shown)
        for (block, target), n in sorted(clicks.items(), key=lambda one: (-one[1], one[0]))
    )
    return ClickMap(_drawn(html, places, clicks, got), links, got)


def bare(target: str) -> str:
    """Without what UTM adds: it says where a click came from, not where it leads."""
    parts = urlsplit(target)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not key.startswith("utm_")]
    return urlunsplit(parts._replace(query=urlencode(kept))) if "utm_" in parts.query else target


def _clicks(campaign: Campaign, variant: int, chosen: Mapping[str, int]) -> tuple[dict[tuple[str, str], int], int]:
    """(block, target) → mails in which it was clicked; and how many mails there were."""
    where: list[Any] = [campaign.pk, variant, json.dumps(dict(chosen))]
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(_GOT, where)
        got = cursor.fetchone()[0]
        cursor.execute(_CLICKS, [campaign.pk, *where])
        for block, target, n in cursor.fetchall():
            found[block, bare(target)] += n
    return found, got


def _rendered(
    said: Said, chosen: Mapping[str, int], *, about: About, now: datetime
) -> tuple[str, list[tuple[str, str]]]:
    """For the made-up person, who gets the first branch where none is chosen: there is more to see in it."""
    press = made_ready(said.compiled, about=about, vocabulary=Vocabulary.lately(), now=now)
    forced = {split.key: 0 for split in said.compiled.splits} | dict(chosen)
    recipient = Recipient(profile_id=0, ref=REF, address=sample_person.EMAIL)
    [ready] = prepare(press, [recipient], now=now, rehearsed=Counter(), forced=forced)
    sample_person.fill_in(ready, press, now=now)
    places = _Places()
    links = Links(places.track, f"{about.base_url}/u/")
    try:
        made = render(press.compiled, ready.context, holds=ready.choice.holds, links=links, forced=forced)
    except RenderError as error:
        raise CannotBeShown(str(error)) from error
    return made.html, places.found


def _drawn(html: str, places: list[tuple[str, str]], clicks: Mapping[tuple[str, str], int], got: int) -> str:
    """A link that everybody had has its own clicks; the first one of a block has those of links of its block, too, that
    this example does not show."""
    left = _hidden(places, clicks)
    told: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        block, target = places[int(found["number"])]
        own, others = clicks.get((block, target), 0), 0 if block in told else left.get(block, 0)
        told.add(block)
        title = (
            f"{own:,} clicked this link" + (f", {others:,} another one of this block" if others else "") + f": {target}"
        )
        badge = f"{own:,} · {own / got:.1%}" if got else f"{own:,}"
        more = f" +{others:,}" if others else ""
        return (
            f'<a{found["before"]}data-clicks="{own + others}" title="{escape(title)}"{found["after"]}>'
            f'<b class="clicks">{badge}{more}</b>'
        )

    drawn = _ANCHOR.sub(mark, html)
    return drawn.replace("</head>", f"{STYLE}</head>", 1)


def _hidden(places: list[tuple[str, str]], clicks: Mapping[tuple[str, str], int]) -> dict[str, int]:
    shown = set(places)
    left: defaultdict[str, int] = defaultdict(int)
    for (block, target), n in clicks.items():
        if (block, target) not in shown:
            left[block] += n
    return left
