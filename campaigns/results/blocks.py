"""How each block and branch did: who got it, who clicked within it, who ordered."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from campaigns.models import Campaign
from campaigns.results.contents import Said, said_by
from campaigns.results.rates import Rate

_GOT = """
select d.variant, d.branches::text, count(*), count(*) filter (where d.converted_at is not null)
  from campaigns_delivery d
 where d.campaign_id = %s and d.state = 'accepted' and d.bounced_at is null group by d.variant, d.branches
"""
_CLICKED = """
select d.variant, d.branches::text, per.blocks, count(*)
  from (select h.ref, array_agg(distinct h.block) as blocks from campaigns_hit h
         where h.campaign_id = %s and h.kind = 'click' and h.verdict = 'human' group by h.ref) per
  join campaigns_delivery d on d.ref = per.ref
 where d.state = 'accepted' and d.bounced_at is null group by d.variant, d.branches, per.blocks
"""
_EARNED = """
select d.variant, d.branches::text, sum(k.value)
  from campaigns_conversion k join campaigns_delivery d on d.ref = k.delivery
 where k.campaign_id = %s and d.state = 'accepted' and d.bounced_at is null group by d.variant, d.branches
"""


@dataclass
class Branch:
    """`number` chooses it in lists."""

    number: int
    words: str
    got: int = 0
    clicked: int = 0
    """Mails in which a person clicked within the branch; of a subject, anywhere."""
    converted: int = 0
    revenue: Decimal = Decimal(0)

    @property
    def click_rate(self) -> Rate:
        return Rate(self.clicked, self.got)

    @property
    def order_rate(self) -> Rate:
        return Rate(self.converted, self.got)


@dataclass
class Parting:
    """A place where the mail parts. The same one in several variants is one."""

    key: str
    label: str
    branches: list[Branch]
    variants: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class BlockClicks:
    key: str
    label: str
    clicked: Rate
    """Of the mails of variants that have it."""


@dataclass(frozen=True)
class Blocks:
    partings: tuple[Parting, ...]
    blocks: tuple[BlockClicks, ...]
    """Those that were clicked, the most first."""


def blocks_of(campaign: Campaign) -> Blocks:
    said = said_by(campaign)
    got, clicked, earned = (_rows(sql, campaign) for sql in (_GOT, _CLICKED, _EARNED))
    partings: dict[tuple[Any, ...], Parting] = {}
    for number, one in said.items():
        for split in one.compiled.splits:
            same = split.key, split.label, split.branches
            made = Parting(split.key, split.label, [Branch(n, words) for n, words in enumerate(split.branches)])
            parting = partings.setdefault(same, made)
            parting.variants.append(number)
            _count(parting, one, [_of(rows, number) for rows in (got, clicked, earned)])
    return Blocks(tuple(partings.values()), _clicks(said, got, clicked))


def _count(parting: Parting, said: Said, rows: list[list[tuple[Any, ...]]]) -> None:
    got, clicked, earned = rows
    for branch in parting.branches:
        where = said.blocks_of(parting.key, branch.number)
        taken = [row for row in got if row[1].get(parting.key) == branch.number]
        branch.got += sum(row[2] for row in taken)
        branch.converted += sum(row[3] for row in taken)
        branch.revenue += sum((row[2] for row in earned if row[1].get(parting.key) == branch.number), Decimal(0))
        branch.clicked += sum(
            row[3]
            for row in clicked
            if row[1].get(parting.key) == branch.number and (where is None or not where.isdisjoint(row[2]))
        )


def _clicks(said: Mapping[int, Said], got: Iterable[Any], clicked: Iterable[Any]) -> tuple[BlockClicks, ...]:
    n: defaultdict[str, int] = defaultdict(int)
    for number, _, blocks, mails in clicked:
        for block in blocks:
            if number in said or not said:
                n[block] += mails
    wholes = {number: sum(row[2] for row in _of(got, number)) for number in said}
    names = {block: name for one in said.values() for block, name in one.names.items()}
    found = [
        BlockClicks(
            block,
            names.get(block, "A link that is not known"),
            Rate(mails, sum(whole for number, whole in wholes.items() if block in said[number].names or not block)),
        )
        for block, mails in n.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.clicked.part, one.key)))


def _of(rows: Iterable[tuple[Any, ...]], variant: int) -> list[tuple[Any, ...]]:
    return [row for row in rows if row[0] == variant]


def _rows(sql: str, campaign: Campaign) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign.pk])
        return [(variant, json.loads(branches), *more) for variant, branches, *more in cursor.fetchall()]
