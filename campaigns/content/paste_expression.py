"""Rewrites what stands inside one pasted tag: outputs, conditions and the values of other tags."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from campaigns.content import paste_words as words

LEXER = re.compile(
    r"""(?P<string>"[^"]*"|'[^']*')
    |(?P<braze>(?:[A-Za-z_]\w*\.)?\$\{[^{}]*\})
    |(?P<number>-?\d+(?:\.\d+)?(?!\w))
    |(?P<path>\.?[A-Za-z_][\w-]*\??(?:\.[\w-]+|\[\s*(?:"[^"]*"|'[^']*'|-?\d+)\s*\])*)
    |(?P<op>==|!=|<>|<=|>=|<|>|&&|\|\|)
    |(?P<pipe>\|)|(?P<colon>:)|(?P<comma>,)
    |(?P<space>\s+)
    |(?P<other>.)""",
    re.X | re.S,
)
PARTS = re.compile(r"""([A-Za-z_][\w-]*\??|\d+)|\[\s*(?:"([^"]*)"|'([^']*)'|(-?\d+))\s*\]""")
WORDS = re.compile(r"[A-Za-z_]\w*")
SEGMENTS = "segments"
NAMED_DATES = frozenset({"long", "short", "iso", "weekday", "day", "time"})
COMPARISONS = frozenset({"==", "!=", "<>", "<", ">", "<=", ">=", "contains"})


class Refused(Exception):
    """It has no counterpart here; the message says what to do instead."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


@dataclass
class Reading:
    """The tokens of one tag. `is_foreign` once something in it is not ours; `bound` are names that loops, assign and
    capture give."""

    tokens: Sequence[Token]
    bound: frozenset[str]
    at: int = 0
    is_foreign: bool = False
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, bound: frozenset[str]) -> "Reading":
        found = (Token(str(one.lastgroup), one.group()) for one in LEXER.finditer(text))
        return cls([one for one in found if one.kind != "space"], bound)

    def peek(self, *kinds: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind in kinds

    def says(self, *texts: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text in texts

    def take(self) -> Token:
        if self.at >= len(self.tokens):
            raise Refused("this cannot be read: it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def rest(self) -> Iterator[Token]:
        while self.at < len(self.tokens):
            yield self.take()

    def name(self, token: Token) -> str:
        """A path or one of Braze's names, as it is written here; SEGMENTS for the person's segments."""
        made = _name(token, self.bound)
        self.is_foreign |= made != token.text
        return made


def output(text: str, bound: frozenset[str]) -> tuple[str, list[str]]:
    """What stands between the braces of an output: the same text if nothing in it is foreign."""
    reading = Reading.of(text, bound)
    try:
        made = _filtered(reading)
        if reading.at < len(reading.tokens):
            raise Refused("this cannot be read")
    except Refused:
        if has_foreign(reading):
            raise
        return text, []
    if made.split(" | ")[0] == SEGMENTS and reading.is_foreign:
        raise Refused('ask for one segment: {% if segments contains "…" %}')
    return (f" {made} " if reading.is_foreign else text), reading.notes


def values(text: str, bound: frozenset[str]) -> str:
    """The values of a tag such as `for`, `case` or `assign`: names are replaced, the rest stays."""
    reading = Reading.of(text, bound)
    made = "".join(
        reading.name(Token(str(one.lastgroup), one.group())) if one.lastgroup in ("path", "braze") else one.group()
        for one in LEXER.finditer(text)
    )
    return made if reading.is_foreign else text


def has_foreign(reading: Reading) -> bool:
    """Whether any name in it is foreign. Raises Refused for one without a counterpart."""
    for token in reading.tokens:
        if token.kind in ("path", "braze"):
            reading.name(token)
    return reading.is_foreign


def _filtered(reading: Reading) -> str:
    made = operand(reading)
    while reading.peek("pipe"):
        reading.take()
        made += _filter(reading)
    return made


def operand(reading: Reading) -> str:
    """A value, with Klaviyo's `|lookup:'…'` as part of its path."""
    token = reading.take()
    if token.kind in ("string", "number"):
        return token.text
    if token.kind not in ("path", "braze"):
        raise Refused(f"“{token.text}” cannot be read here")
    made = ""
    while reading.peek("pipe") and [one.text for one in reading.tokens[reading.at + 1 : reading.at + 3]] == [
        "lookup",
        ":",
    ]:
        reading.at += 3
        name, reading.is_foreign = reading.take(), True
        if name.kind != "string":
            raise Refused(f"“lookup” takes a name in quotes, not “{name.text}”")
        made = f"{made or token.text}[{quoted(name.text[1:-1])}]"
    return reading.name(Token("path", made) if made else token)


def _filter(reading: Reading) -> str:
    name, arguments = reading.take().text, ""
    if reading.peek("colon"):
        reading.take()
        arguments = _arguments(reading)
    if name in words.IDLE_FILTERS:
        reading.is_foreign = True
        reading.notes.append(f"the filter “{name}” was left out: values are always shown safely")
        return ""
    if name == "floatformat":
        arguments = arguments or "1"
    if name == "date" and arguments:
        arguments = _date(reading, arguments)
    if name in words.FILTERS:
        reading.is_foreign, name = True, words.FILTERS[name]
    return f" | {name}: {arguments}" if arguments else f" | {name}"


def _arguments(reading: Reading) -> str:
    found: list[str] = []
    while reading.at < len(reading.tokens) and not reading.peek("pipe"):
        token = reading.take()
        if token.kind == "comma":
            found[-1:] = [f"{found[-1]}," if found else ","]
        elif reading.peek("colon"):
            reading.take()
            found.append(f"{token.text}:")
        else:
            text = quoted(token.text[1:-1]) if token.kind == "string" else token.text
            found.append(reading.name(token) if token.kind in ("path", "braze") else text)
    return " ".join(found)


def _date(reading: Reading, form: str) -> str:
    plain = form.strip("\"'")
    if form[:1] not in "\"'" or "%" in plain or plain in NAMED_DATES:
        return form
    reading.is_foreign = True
    return quoted(strftime_of(plain))


def strftime_of(form: str) -> str:
    made = words.strftime(form)
    if made is None:
        raise Refused(f"the form of date “{form}” is not known: write it as in %d %B %Y")
    return made


def quoted(text: str) -> str:
    if '"' in text and "'" in text:
        raise Refused("a text with both kinds of quotes cannot be written in Liquid")
    return f"'{text}'" if '"' in text else f'"{text}"'


def _name(token: Token, bound: frozenset[str]) -> str:
    text = token.text
    if token.kind == "braze":
        return _braze(text, bound)
    if text.startswith("."):
        return _listmonk(text, bound)
    if text.lower() in words.WHOLE:
        return words.WHOLE[text.lower()]
    parts = [next(filter(None, found), "") for found in PARTS.findall(text)]
    root = parts[0] if parts else ""
    if root in bound or not all(parts):
        return text
    if root == "forloop" and parts[1:] in (["counter"], ["counter0"]):
        return f"forloop.{parts[1].replace('counter', 'index')}"
    if root in words.GONE and (len(parts) > 1 or root.startswith(("view_", "web_"))):
        raise Refused(words.GONE[root])
    if root in words.ROOTS and len(parts) > 1:
        return trait(parts[1:], bound)
    return text


def _braze(text: str, bound: frozenset[str]) -> str:
    root, name = text[:-1].split("${", maxsplit=1)
    root, name = root.rstrip("."), name.strip()
    if root in words.GONE:
        raise Refused(words.GONE[root])
    if f"{root}.{name}".strip(".") in words.WHOLE:
        return words.WHOLE[f"{root}.{name}".strip(".")]
    if root not in ("", "custom_attribute"):
        raise Refused(f"“{root}” has no counterpart here: use a trait")
    return trait([name], bound)


def _listmonk(text: str, bound: frozenset[str]) -> str:
    parts = text.strip(".").split(".")
    if parts[:2] == ["Subscriber", "Attribs"] and len(parts) > 2:
        return trait(parts[2:], bound)
    if parts[0] == "Subscriber" and len(parts) == 2:
        return trait([parts[1].lower() if parts[1].isupper() else parts[1]], bound)
    if parts == ["Campaign", "Name"]:
        return "campaign.name"
    raise Refused(f"“{text}” has no counterpart here")


def trait(parts: Sequence[str], bound: frozenset[str]) -> str:
    """A trait as it is written here; what could be taken for something else is led by `profile`."""
    first, *deeper = parts
    if first in words.SEGMENT_WORDS:
        return SEGMENTS
    name = words.NAMES.get(first.lower(), first)
    taken = name in words.OURS or name in words.ROOTS or name in words.GONE or name in bound
    if name.lower() in words.WHOLE or taken:
        made = f"profile.{name}" if WORDS.fullmatch(name) else f"profile[{quoted(name)}]"
    else:
        made = name if WORDS.fullmatch(name) else f"profile[{quoted(name)}]"
    for part in deeper:
        made += f"[{part}]" if part.isdigit() else f".{part}" if WORDS.fullmatch(part) else f"[{quoted(part)}]"
    return made
