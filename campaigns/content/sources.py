"""Texts with Liquid to programs: each output a slot that is evaluated once per person, for both parts of the mail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError

from campaigns.content import markdown
from campaigns.content.blocks import ContentError, Problem
from campaigns.content.entangled import entangled
from campaigns.content.html import hidden, inlined, read_html
from campaigns.content.islands import Island, Mark, Src, Styled, To, Words, split
from campaigns.content.liquid import parse, said
from campaigns.content.pieces import Link, Measure, Output, Pair, Picture, Program, Slot, Template
from campaigns.content.quick import quick
from campaigns.content.sandbox import HTML, PLAIN, WITH_LINKS
from campaigns.content.tokens import Branch, Token, tokens_of

MOST_BRACKETS, MOST_STARS = 1_000, 3_000
"""Each may begin a link or emphasis, whose end is looked for up to the end of the text."""
Sequel = list["str | Mark"]


@dataclass(frozen=True)
class At:
    """Where a text stands."""

    place: str
    scope: str = ""
    """The block whose offer or feed it may name."""
    inside: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Target:
    """A link or an image as it is written."""

    place: str
    target: str
    inside: tuple[Branch, ...]
    alt: str = ""


@dataclass
class Sources:
    """The slots and tokens found so far, and what is wrong."""

    slots: list[Slot] = field(default_factory=lambda: [None, None, None])
    tokens: list[Token] = field(default_factory=list)
    links: list[Target] = field(default_factory=list)
    images: list[Target] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outputs: dict[tuple[str, str], int] = field(default_factory=dict)
    """By source and scope: the slot that has it."""

    def note(self, error: ContentError) -> None:
        self.problems.append(Problem(error.place, error.message))

    def plain(self, source: str, at: At) -> Pair:
        """A text without any markup."""
        if not self._is_sound(source, at):
            return Pair((), ())
        pieces: Sequel = list(split(source))
        return self._pair(pieces, pieces, at, words=Words("unused"), is_escaped=False)

    def markdown(self, source: str, at: At, *, style: markdown.Style) -> Pair:
        if source.count("[") > MOST_BRACKETS or sum(map(source.count, "*_`~")) > MOST_STARS:
            self.note(ContentError(at.place, "holds too many signs that mean something in Markdown"))
            return Pair((), ())
        if not self._is_sound(source, at):
            return Pair((), ())
        words: Words[Mark] = Words.absent_from(source)
        told = [(piece, piece if isinstance(piece, str) else words.word(piece)) for piece in split(source)]
        tags = {word for piece, word in told if isinstance(piece, Island) and not piece.is_output}
        tokens = markdown.read("".join(word for _, word in told), tags=tags)
        mark = _marker(words)
        html = list(words.resolve(markdown.to_html(tokens, style=style, mark=mark)))
        text = list(words.resolve(markdown.to_text(tokens, mark=mark)))
        self._note_links(html, at, words)
        return self._pair(html, text, at, words=words, is_escaped=True)

    def html(self, source: str, at: At) -> Pair:
        """HTML that somebody wrote, made harmless."""
        if not self._is_sound(source, at):
            return Pair((), ())
        words: Words[Mark] = Words.absent_from(source)
        try:
            return self.markup(inlined(hidden(source, words), at.place), at, words)
        except ContentError as error:
            self.note(error)
            return Pair((), ())

    def markup(self, html: str, at: At, words: "Words[Mark]") -> Pair:
        """HTML with words where Liquid was."""
        found = read_html(html, words, at.place)
        self._note_links(found.html, at, words)
        for source, alt in found.pictures:
            self.images.append(Target(at.place, _written(source, words), at.inside, _written(alt, words)))
        return self._pair(found.html, found.text, at, words=words, is_escaped=True)

    def check(self, source: str, at: At) -> bool:
        """Whether its Liquid can be read; its tokens are noted."""
        return self._is_sound(source, at)

    def value(self, path: str, scope: str) -> int:
        """The slot of a value that our own design shows."""
        return self._output(Island(f"{{{{ {path} }}}}", 0, True), At("", scope))

    def address(self, path: str, scope: str) -> int:
        """The slot of a value that our own design links to, if it leads anywhere."""
        return self._slot(Link((self.value(path, scope),), "", False, scope))

    def link(self, source: str, at: At, *, is_needed: bool) -> int:
        """The slot of a link's address."""
        self.links.append(Target(at.place, source.strip(), at.inside))
        return self._slot(Link(self._parts(source.strip(), at), at.place, is_needed, block_of(at.place)))

    def picture(self, source: str, at: At, *, alt: str) -> int:
        self.images.append(Target(at.place, source.strip(), at.inside, alt))
        return self._slot(Picture(self._parts(source.strip(), at)))

    def _parts(self, source: str, at: At) -> tuple[str | int, ...]:
        if not self._is_sound(source, at):
            return ()
        pieces = list(split(source))
        if any(isinstance(piece, Island) and not piece.is_output for piece in pieces):
            parsed = PLAIN.from_string(source)
            return (self._slot(Template(parsed, parsed, at.scope)),)
        return tuple(piece for piece in self._program(pieces, at) if isinstance(piece, str | int))

    def _is_sound(self, source: str, at: At) -> bool:
        """Reads it once for its mistakes and its tokens."""
        try:
            parsed = parse(source, at.place)
        except ContentError as error:
            self.note(error)
            return False
        self.tokens.extend(tokens_of(parsed, place=at.place, inside=at.inside, scope=at.scope))
        return True

    def _pair(self, html: Sequel, text: Sequel, at: At, *, words: "Words[Mark]", is_escaped: bool) -> Pair:
        if not any(isinstance(piece, Island) and not piece.is_output for piece in (*html, *text)):
            shown = [escape(piece) if isinstance(piece, str) and not is_escaped else piece for piece in html]
            return Pair(self._program(shown, at, words), self._program(text, at, words))
        try:
            with_markup = HTML.from_string(_source(html, words, is_html=not is_escaped))
            told = WITH_LINKS.from_string(_source(text, words, is_html=False))
        except LiquidError as error:
            self.note(ContentError(at.place, f"Liquid stands where it gets lost: {said(error)}"))
            return Pair((), ())
        if name := entangled(with_markup):
            message = f"a branch or loop begins or ends within <{name}>: keep it in one paragraph, or around whole ones"
            self.note(ContentError(at.place, message))
            return Pair((), ())
        slot = self._slot(Template(with_markup, told, at.scope, block_of(at.place)))
        return Pair((slot,), (slot,))

    def _program(self, pieces: Sequence["str | Mark"], at: At, words: "Words[Mark] | None" = None) -> Program:
        made: list[str | int] = []
        for piece in pieces:
            if isinstance(piece, str):
                made.append(piece)
            elif isinstance(piece, To):
                made.append(self._slot(Link(self._target(piece.target, at, words), at.place, True, block_of(at.place))))
            elif isinstance(piece, Src):
                made.append(self._slot(Picture(self._target(piece.target, at, words))))
            elif isinstance(piece, Styled):
                made.append(self._slot(Measure((self._output(piece.island, at),))))
            else:
                made.append(self._output(piece, at))
        return tuple(made)

    def _target(self, target: str, at: At, words: "Words[Mark] | None") -> tuple[str | int, ...]:
        pieces = list(words.resolve(target)) if words else [target]
        return tuple(piece for piece in self._program(pieces, at) if isinstance(piece, str | int))

    def _output(self, island: Island, at: At) -> int:
        """The same expression is one slot, wherever it stands."""
        key = (island.source, at.scope)
        if key not in self.outputs:
            (node,) = PLAIN.from_string(island.source).nodes
            assert isinstance(node, OutputNode)
            self.outputs[key] = self._slot(Output(node.expression, at.scope, quick(node.expression)))
        return self.outputs[key]

    def _slot(self, slot: Slot) -> int:
        self.slots.append(slot)
        return len(self.slots) - 1

    def _note_links(self, pieces: Sequel, at: At, words: "Words[Mark]") -> None:
        for piece in pieces:
            if isinstance(piece, To):
                self.links.append(Target(at.place, _written(piece.target, words), at.inside))


def block_of(place: str) -> str:
    """The id of the block in a path such as `blocks.k3f9.text`."""
    first, _, rest = place.partition(".")
    return rest.partition(".")[0] if first == "blocks" else ""


def _marker(words: "Words[Mark]") -> Callable[[str], str]:
    return lambda target: words.word(To(target))


def _written(text: str, words: "Words[Mark]") -> str:
    """With its Liquid put back."""
    return "".join(
        piece if isinstance(piece, str) else _source([piece], words, is_html=False) for piece in words.resolve(text)
    )


def _source(pieces: Sequence["str | Mark"], words: "Words[Mark]", *, is_html: bool) -> str:
    """A template: what is static escaped if it is to become HTML, links in tags of our own."""
    made = []
    for piece in pieces:
        if isinstance(piece, str):
            made.append(escape(piece) if is_html else piece)
        elif isinstance(piece, To):
            made.append(f"{{% trackedlink %}}{_written(piece.target, words)}{{% endtrackedlink %}}")
        elif isinstance(piece, Src):
            made.append(f"{{% webpicture %}}{_written(piece.target, words)}{{% endwebpicture %}}")
        elif isinstance(piece, Styled):
            made.append(f"{{% measure %}}{piece.island.source}{{% endmeasure %}}")
        else:
            made.append(piece.source)
    return "".join(made)
