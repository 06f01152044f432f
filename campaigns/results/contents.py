"""What was sent, read again for its labels: what blocks and branches are called, and what stands in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.changes import Lost
from campaigns.content.blocks import Block, Columns, Group, Mail
from campaigns.content.called import name_of
from campaigns.content.compile import Compiled, compile_all
from campaigns.content.layout import linked
from campaigns.content.read import read_all
from campaigns.models import Campaign
from campaigns.variants import OWN, made


@dataclass(frozen=True)
class Said:
    """The mail of one variant."""

    compiled: Compiled
    names: Mapping[str, str]
    """Id of each block → what it is called."""
    inside: Mapping[str, tuple[frozenset[str], ...]]
    """Key of a split that is a block → for each branch the ids of all blocks in it."""

    def blocks_of(self, split: str, branch: int) -> frozenset[str] | None:
        """Where a click is one within the branch; None: anywhere, because it is the subject that varies."""
        if split in self.inside:
            branches = self.inside[split]
            return branches[branch] if branch < len(branches) else frozenset()
        block = split.partition(".")[0]
        return frozenset({block}) if block in self.names else None


def said_by(campaign: Campaign) -> dict[int, Said]:
    """By number of the variant, 0 being the campaign's own; what can no longer be read is left out."""
    try:
        found = made(campaign)
    except Lost:
        return {}
    read = {number: _read(one.content, one.modules) for number, one in found.items()}
    return {number: said for number, said in read.items() if said and (number != OWN or len(read) == 1)}


def _read(content: Any, modules: Mapping[int, Any]) -> Said | None:
    mail, _ = read_all(content, modules=modules)
    return _said(mail) if mail else None


def _said(mail: Mail) -> Said:
    blocks = list(_all(mail.blocks))
    return Said(
        compiled=compile_all(mail)[0],
        names={one.id: name_of(one) for one in blocks},
        inside={
            one.id: tuple(frozenset(inner.id for inner in _whole(link)) for link in linked(one))
            for one in blocks
            if one.when is not None
        },
    )


def _all(blocks: Any) -> Iterator[Block]:
    """Every block, each else too."""
    for block in blocks:
        for link in linked(block):
            yield from _whole(link)


def _whole(block: Block) -> Iterator[Block]:
    """A block and what stands in it, without its else."""
    yield block
    match block.content:
        case Group(blocks):
            yield from _all(blocks)
        case Columns() as columns:
            for column in columns.columns:
                yield from _all(column)
