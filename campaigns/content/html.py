"""HTML that somebody wrote: styles inlined, whatever could act refused with its place, links and values told apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

import css_inline

from campaigns.content.blocks import ContentError
from campaigns.content.islands import Island, Mark, Src, Styled, To, Words, split

INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
ACTING = (
    "script iframe frame frameset object embed applet form input button select textarea option base link svg math "
    "audio video source template noscript portal dialog xml plaintext xmp"
)
REFUSED = frozenset(ACTING.split())
DROPPED = frozenset(("html", "head", "body", "meta", "title", "style"))
LINKS = frozenset(("href", "action", "cite", "longdesc"))
PICTURES = frozenset(("src", "background", "poster"))
PARAGRAPHS = "p div tr table ul ol h1 h2 h3 h4 h5 h6 blockquote section article header footer hr"
BLOCKS = frozenset(PARAGRAPHS.split())
CLOSED_BY_THE_NEXT = frozenset(("p", "li", "dd", "dt"))
DEEPEST = 100
BIGGEST = 100_000
"""Elements times how deep they nest."""
EMPTY = frozenset(("area", "br", "col", "hr", "img", "wbr"))
BAD_STYLE = re.compile(
    r"""expression\s*\(|javascript:|behavior\s*:|-moz-binding|@import|url\(\s*['"]?(?!https?://|['"]?\))""",
    re.IGNORECASE,
)
PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
LOADING = re.compile(r"<(link|base)\b", re.IGNORECASE)
IMPLIED = re.compile(r"((?:\s*<!--zq\w+-->)+\s*)<tbody>")
"""A body of a table that nobody wrote begins after the tag of Liquid that stands before its first row."""
WHOLE_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
Pieces = list["str | Mark"]


def check_size(source: str, place: str, *, is_mjml: bool = False) -> None:
    """Before parsers see it that recurse: they end the process, or fill its memory, where elements nest too deeply."""
    flat = EMPTY if is_mjml else EMPTY | CLOSED_BY_THE_NEXT
    depth = deepest = n = 0
    for found in re.finditer(r"<(/?)([A-Za-z][\w-]*)[^<>]*?(/?)>|<", source):
        n += 1
        name = (found[2] or "").lower()
        if not name or found[3] or name in flat:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise ContentError(place, f"has more than {DEEPEST} elements in one another, or does not close them")
    if n * max(deepest, 1) > BIGGEST:
        raise ContentError(place, "has too many elements: make several blocks of it")


def hidden(source: str, words: "Words[Mark]") -> str:
    """The source with words for its Liquid; a tag between elements stands as a comment, which stays where it is."""
    made: list[str] = []
    in_tag = False
    for piece in split(source):
        if isinstance(piece, str):
            in_tag = _ends_in_tag(piece, in_tag)
            made.append(piece)
        else:
            word = words.word(piece)
            made.append(word if piece.is_output or in_tag else f"<!--{word}-->")
    return "".join(made)


def _ends_in_tag(text: str, in_tag: bool) -> bool:
    opened, closed = -1, text.rfind(">")
    for found in re.finditer(r"<[A-Za-z/]", text):
        opened = found.start()
    return opened > closed if max(opened, closed) >= 0 else in_tag


def inlined(source: str, place: str) -> str:
    """With its style sheets in its elements, and every attribute in quotes."""
    check_size(source, place)
    if found := LOADING.search(source):
        raise ContentError(place, f"<{found[1].lower()}> cannot stand in a mail")
    try:
        whole = INLINER.inline(source if PAGE.search(source) else f"<body>{source}</body>")
    except css_inline.InlineError as error:
        raise ContentError(place, f"the HTML cannot be read: {error}") from error
    body = WHOLE_BODY.search(whole)
    made = body[1] if body else whole
    return made if "<tbody" in source.lower() else IMPLIED.sub(r"<tbody>\1", made)


@dataclass(frozen=True)
class Read:
    """HTML for the one part of a mail, its words for the other."""

    html: Pieces
    text: Pieces
    pictures: tuple[tuple[str, str], ...]
    """Source and alt text of each image."""


def read_html(source: str, words: "Words[Mark]", place: str) -> Read:
    """Raises ContentError at what may not stand in a mail."""
    reader = _Reader(words, place)
    reader.feed(source)
    reader.close()
    return Read(_joined(reader.html), _told(_joined(reader.text)), tuple(reader.pictures))


def _joined(pieces: Sequence["str | Mark"]) -> Pieces:
    made: Pieces = []
    for piece in pieces:
        if isinstance(piece, str) and made and isinstance(made[-1], str):
            made[-1] += piece
        elif piece != "":
            made.append(piece)
    return made


def _told(pieces: Pieces) -> Pieces:
    """Lines begin with words."""
    return [re.sub(r"[ \t]*\n[ \t]*", "\n", piece) if isinstance(piece, str) else piece for piece in pieces]


class _Reader(HTMLParser):
    def __init__(self, words: "Words[Mark]", place: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = words
        self.place = place
        self.html: list[str | Mark] = []
        self.text: list[str | Mark] = []
        self.pictures: list[tuple[str, str]] = []
        self.links: list[To | None] = []
        self.skipped = 0

    def refuse(self, what: str) -> ContentError:
        line, _ = self.getpos()
        return ContentError(self.place, f"{what} cannot stand in a mail (line {line})")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in REFUSED or ":" in tag:
            raise self.refuse(f"<{tag}>")
        if self._has_word(tag):
            raise self.refuse("Liquid in the name of an element")
        if tag in ("style", "title"):
            self.skipped += 1
        if tag in DROPPED:
            return
        self.html.append(f"<{tag}")
        link: To | None = None
        for name, value in attrs:
            link = self._attribute(tag, name, value or "") or link
        self.html.append(">")
        if tag == "a":
            self.links.append(link)
        if tag == "img":
            given = dict(attrs)
            self.pictures.append((given.get("src") or "", given.get("alt") or ""))
            self._say(given.get("alt") or "")
        elif tag == "li":
            self.text.append("\n- ")
        elif tag in BLOCKS or tag == "br":
            self.text.append("\n")
        elif tag in ("td", "th"):
            self.text.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY and tag not in DROPPED:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "title"):
            self.skipped -= 1
        if tag in DROPPED or tag in EMPTY:
            return
        self.html.append(f"</{tag}>")
        if tag == "a" and self.links:
            link = self.links.pop()
            if link is not None:
                self.text += [" (", link, ")"]
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        for piece in self.words.resolve(data):
            self.html.append(escape(piece, quote=False) if isinstance(piece, str) else piece)
        self._say(data)

    def _say(self, data: str) -> None:
        for piece in self.words.resolve(data):
            self.text.append(re.sub(r"\s+", " ", piece) if isinstance(piece, str) else piece)

    def handle_comment(self, data: str) -> None:
        """A word stands for a tag of Liquid; conditions for Outlook stay; what authors noted goes."""
        pieces = list(self.words.resolve(data))
        if len(pieces) == 1 and isinstance(pieces[0], Island):
            self.html.append(pieces[0])
            self.text.append(pieces[0])
        elif data.startswith(("[if", "<![endif]")):
            if "<!--" in data[3:]:
                raise self.refuse("Liquid directly in an mj-wrapper")
            self.html += ["<!--", *pieces, "-->"]

    def unknown_decl(self, data: str) -> None:
        """<![endif]> outside of a comment; nothing else is known to anybody."""
        if data.startswith(("endif", "if")):
            self.html.append(f"<![{data}]>")

    def _attribute(self, tag: str, name: str, value: str) -> To | None:
        """Writes it; gives the link, if it is one."""
        if self._has_word(name) or not re.fullmatch(r"[A-Za-z_][\w:.-]*", name):
            raise self.refuse("Liquid between attributes" if self._has_word(name) else f"the attribute {name}")
        if name.startswith("on") or name in ("srcdoc", "formaction", "srcset", "ping"):
            raise self.refuse(f"the attribute {name}")
        if name in LINKS and not value.startswith("#"):
            link = To(self._web(value.strip(), ("https://", "http://", "mailto:", "tel:")))
            self.html += [f' {name}="', link, '"']
            return link
        if name in PICTURES:
            self.html += [f' {name}="', Src(self._web(value.strip(), ("https://", "http://"))), '"']
            return None
        if name == "style" and BAD_STYLE.search(value):
            raise self.refuse("a style that loads or acts")
        self.html.append(f' {name}="')
        for piece in self.words.resolve(value):
            if isinstance(piece, str):
                self.html.append(escape(piece))
            else:
                self.html.append(_measured(piece) if name == "style" else piece)
        self.html.append('"')
        return None

    def _web(self, target: str, schemes: tuple[str, ...]) -> str:
        """What begins with Liquid is looked at for each person."""
        first = next(iter(self.words.resolve(target)), "")
        if isinstance(first, str) and first and not first.lower().startswith(schemes):
            raise self.refuse(f"“{first[:40]}”, which is no web address,")
        return target

    def _has_word(self, text: str) -> bool:
        return any(not isinstance(piece, str) for piece in self.words.resolve(text))


def _measured(piece: Mark) -> Mark:
    return Styled(piece) if isinstance(piece, Island) and piece.is_output else piece
