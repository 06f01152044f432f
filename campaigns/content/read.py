"""A mail's JSON (docs/content.md) to the tree of blocks. What is not understood is a problem with its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from campaigns.content.blocks import VERSION, Block, Columns, Content, ContentError, Group, Look, Mail, Problem, Varied
from campaigns.content.kinds import FRAME, READERS
from campaigns.content.looks import DEFAULT, FONTS
from campaigns.content.places import Notes, Root, choice, colour, rule, whole, words, written
from cdp.rules.fields import Fields, RuleError

MOST_BLOCKS = 100
DEEPEST_ELSE = 20
ID = re.compile(r"[a-z0-9-]{1,40}")


def read(content: object, *, modules: Mapping[int, Any] = {}, is_module: bool = False) -> Mail:
    """`modules` are the contents of the modules it names. Raises ContentError at the first mistake."""
    mail, problems = read_all(content, modules=modules, is_module=is_module)
    if problems or mail is None:
        raise ContentError(problems[0].place, problems[0].message)
    return mail


def read_all(
    content: object, *, modules: Mapping[int, Any] = {}, is_module: bool = False
) -> tuple[Mail | None, list[Problem]]:
    """Every mistake, and the mail without the blocks that hold one; None where nothing could be read at all.
    A module has no subject."""
    reader = _Reader(modules)
    mail = reader.notes.attempt(lambda: reader.mail(content, is_module=is_module))
    return mail, reader.notes.problems


def modules_of(content: object) -> set[int]:
    """The modules that it names, wherever; of content with mistakes as far as it can be read."""
    if isinstance(content, Mapping):
        own = content.get("module") if content.get("kind") == "module" else None
        found = {own} if isinstance(own, int) and not isinstance(own, bool) else set()
        return found.union(*(modules_of(content[key]) for key in ("blocks", "else", "columns") if key in content))
    if isinstance(content, list):
        return set().union(*map(modules_of, content))
    return set()


@dataclass
class _Reader:
    modules: Mapping[int, Any]
    notes: Notes = field(default_factory=Notes)
    ids: set[str] = field(default_factory=set)
    n_blocks: int = 0

    def mail(self, content: object, *, is_module: bool) -> Mail:
        fields = Root.of(content, "content")
        if fields.data.get("version") != VERSION:
            raise RuleError("version", f"must be {VERSION}")
        self.notes.attempt(lambda: fields.only("version", "subject", "preheader", "look", "blocks"))
        subject = self.notes.attempt(lambda: words(fields, "subject", may_be_empty=is_module))
        preheader = self.notes.attempt(lambda: words(fields, "preheader", may_be_empty=True))
        look = self.notes.attempt(lambda: _look(fields))
        listed = fields.data.get("blocks")
        blocks = self.blocks(listed, place="blocks") if listed else ()
        if not listed:
            self.notes.problems.append(Problem("blocks", "needs at least one block"))
        return Mail(subject or Varied("subject", ""), preheader or Varied("preheader", ""), look or DEFAULT, blocks)

    def blocks(self, listed: object, *, place: str, inside: "_Inside | None" = None) -> tuple[Block, ...]:
        """Those that can be read; `place` is where the list stands."""
        if not isinstance(listed, list):
            self.notes.problems.append(Problem(place, "must be a list of blocks"))
            return ()
        chains = [
            self.notes.attempt(partial(self.chain, one, place=f"{place}[{index}]", inside=inside or _Inside()))
            for index, one in enumerate(listed)
        ]
        return tuple(flat for block in chains if block is not None for flat in _flat(block))

    def chain(self, one: object, *, place: str, inside: "_Inside") -> Block:
        """A block with its else, and the else of that."""
        fields = self.identified(one, place=place, inside=inside)
        has_else = fields.data.get("else") is not None
        if has_else and not fields.has("when"):
            raise RuleError(fields.at("else"), "needs a condition beside it")
        if has_else and inside.depth >= DEEPEST_ELSE:
            raise RuleError(fields.at("else"), f"is nested deeper than {DEEPEST_ELSE}")
        made = self.notes.attempt(lambda: self.content(fields, inside=inside))
        when = self.notes.attempt(lambda: rule(fields, "when")) if fields.has("when") else None
        label = self.notes.attempt(lambda: written(fields, "label", most=120, may_be_empty=True))
        otherwise = (
            self.notes.attempt(lambda: self.chain(fields.data["else"], place=fields.at("else"), inside=inside.deeper()))
            if has_else
            else None
        )
        is_whole = made is not None and (when is not None or not fields.has("when"))
        content = made if made is not None and is_whole else Group(())
        return Block(inside.prefix + fields.data["id"], content, when, otherwise, label or "")

    def identified(self, one: object, *, place: str, inside: "_Inside") -> Fields:
        """Its fields, with the place named by its id."""
        unnamed = Fields.of(one, place)
        name = unnamed.value("id")
        if not isinstance(name, str) or not ID.fullmatch(name):
            raise RuleError(unnamed.at("id"), "must be of 1 to 40 small letters, digits and -")
        name = inside.prefix + name
        if name in self.ids:
            raise RuleError(unnamed.at("id"), f"“{name}” is the id of another block, too")
        self.ids.add(name)
        self.n_blocks += 1
        if self.n_blocks > MOST_BLOCKS:
            raise RuleError(f"blocks.{name}", f"is one too many: a mail holds at most {MOST_BLOCKS} blocks")
        return Fields(unnamed.data, f"blocks.{name}")

    def content(self, fields: Fields, *, inside: "_Inside") -> Content:
        kind = fields.choice("kind", (*READERS, "columns", "module"))
        if kind == "columns":
            return self.columns(fields, inside=inside)
        if kind == "module":
            return self.module(fields, inside=inside)
        if kind == "mjml" and inside.columns:
            raise RuleError(fields.at("kind"), "MJML brings sections of its own, which cannot stand in columns")
        return READERS[kind](fields)

    def columns(self, fields: Fields, *, inside: "_Inside") -> Columns:
        fields.only(*FRAME, "columns")
        listed = fields.value("columns")
        if inside.columns:
            raise RuleError(fields.at("kind"), "columns cannot stand in columns")
        if not isinstance(listed, list) or not 2 <= len(listed) <= 4:
            raise RuleError(fields.at("columns"), "must be two to four lists of blocks")
        within = replace(inside, columns=True, depth=0)
        return Columns(
            tuple(
                self.blocks(one, place=f"{fields.at('columns')}[{index}]", inside=within)
                for index, one in enumerate(listed)
            )
        )

    def module(self, fields: Fields, *, inside: "_Inside") -> Group:
        fields.only(*FRAME, "module")
        if inside.prefix:
            raise RuleError(fields.at("kind"), "a module cannot hold modules")
        key = fields.whole("module", least=1, most=2**62)
        held = self.modules.get(key)
        if held is None:
            raise RuleError(fields.at("module"), "names a module that is not there: choose another")
        own = Fields.of(held, fields.at("module"))
        if own.data.get("version") != VERSION:
            raise RuleError(fields.at("module"), "names a module that cannot be read")
        within = _Inside(prefix=f"{fields.data['id']}-", columns=inside.columns)
        return Group(self.blocks(own.data.get("blocks"), place=f"{fields.at('module')}.blocks", inside=within))


@dataclass(frozen=True)
class _Inside:
    """Where a block stands."""

    prefix: str = ""
    """Of ids, in a module."""
    columns: bool = False
    depth: int = 0
    """How many elses lead to it."""

    def deeper(self) -> "_Inside":
        return replace(self, depth=self.depth + 1)


def _flat(block: Block) -> Iterator[Block]:
    """A module without a condition is its blocks."""
    if isinstance(block.content, Group) and block.when is None:
        yield from block.content.blocks
    else:
        yield block


def _look(fields: Fields) -> Look:
    if not fields.has("look"):
        return DEFAULT
    look = fields.inner("look")
    look.only("font", "text", "background", "paper", "accent", "width_px")
    return Look(
        font=choice(look, "font", tuple(FONTS)),
        text=colour(look, "text", default=DEFAULT.text),
        background=colour(look, "background", default=DEFAULT.background),
        paper=colour(look, "paper", default=DEFAULT.paper),
        accent=colour(look, "accent", default=DEFAULT.accent),
        width_px=whole(look, "width_px", least=320, most=900, default=DEFAULT.width_px),
    )
