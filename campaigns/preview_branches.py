"""Which branch a mail takes for a person, and why; and the rule of those who take one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.content.compile import Compiled, Split, compile_all
from campaigns.content.modules import modules_for
from campaigns.content.read import read_all
from campaigns.preview_people import path_to
from cdp.rules.explain import Finding, findings
from cdp.rules.tree import AllOf, Cut, Node

CHOSEN = "Chosen by you"
MADE_UP = "Nobody is asked: this is a made-up person"


class NoSuchBranch(Exception):
    """The mail has no such branch."""


@dataclass(frozen=True)
class Taken:
    branch: int
    label: str
    why: str


@dataclass(frozen=True)
class Asked:
    """Of whom, and against what, the conditions are asked."""

    profile_id: int | None
    """None: a made-up person."""
    now: datetime
    zone: ZoneInfo
    cuts: Mapping[str, Cut]


def taken(
    compiled: Compiled, branches: Mapping[str, int], *, forced: Mapping[str, int], asked: Asked
) -> dict[str, Taken]:
    """For each split of the mail. Two statements, however many conditions there are."""
    found = _found(compiled, asked)
    return {
        split.key: Taken(
            branch=branches[split.key],
            label=split.branches[branches[split.key]],
            why=CHOSEN if split.key in forced else _why(split, branches[split.key], found),
        )
        for split in compiled.splits
        if split.key in branches
    }


def can_be_forced(compiled: Compiled, forced: Mapping[str, int]) -> dict[str, int]:
    """Those of `forced` that the mail has, and the branches of others that lead to them."""
    splits = {one.key: one for one in compiled.splits}
    known = {key: branch for key, branch in forced.items() if key in splits and branch < len(splits[key].branches)}
    outer = {one.split: one.number for key in known for one in splits[key].inside}
    return outer | known


def rule_of_branch(content: Any, *, split: str, branch: int) -> Node:
    """Of those who get there, through the branches of others too. Raises NoSuchBranch, also where that part of the
    content cannot be read so far."""
    mail, _ = read_all(content, modules=modules_for(content))
    compiled = compile_all(mail)[0] if mail else None
    splits = {one.key: one for one in compiled.splits} if compiled else {}
    if compiled is None or split not in splits or branch >= len(splits[split].branches):
        raise NoSuchBranch(NoSuchBranch.__doc__)
    way = [*((splits[one.split], one.number) for one in splits[split].inside), (splits[split], branch)]
    parts = [path_to([compiled.rules[number] for number in one.rules], taken) for one, taken in way]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _found(compiled: Compiled, asked: Asked) -> Sequence[tuple[Finding, ...]] | None:
    """For each rule what its conditions found; None of a made-up person."""
    if asked.profile_id is None:
        return None
    return findings(compiled.rules, asked.profile_id, now=asked.now, zone=asked.zone, cuts=asked.cuts)


def _why(split: Split, branch: int, found: Sequence[tuple[Finding, ...]] | None) -> str:
    if found is None:
        return MADE_UP
    if branch < len(split.rules):
        return _because(found[split.rules[branch]], holds=True)
    return "; ".join(dict.fromkeys(_because(found[number], holds=False) for number in split.rules))


def _because(of_rule: Sequence[Finding], *, holds: bool) -> str:
    """The conditions that decide; where none decides alone, all that are so."""
    alike = [one for one in of_rule if one.holds == holds]
    deciding = [one for one in alike if one.decides] or alike or list(of_rule)
    return ", and ".join(_said(one) for one in deciding)


def _said(finding: Finding) -> str:
    seen = f"seen: {finding.seen[:120]}" if finding.seen else "nothing seen"
    return f"{'' if finding.holds else 'not one of those '}{finding.condition} ({seen})"
