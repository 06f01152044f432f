"""One pasted tag of each product: Liquid's and Django's, Handlebars', Mailchimp's, Mautic's."""

import re
from dataclasses import dataclass, field

from campaigns.content import paste_words as words
from campaigns.content.paste_conditions import Condition, condition
from campaigns.content.paste_expression import Refused, output, quoted, strftime_of, trait, values

SHAPE = re.compile(r"(\{[{%]\{?-?)(.*?)(-?\}?[}%]\})", re.S)
TAG = re.compile(r"\s*([/#>!A-Za-z_][\w-]*)(.*)", re.S)
INSERT = re.compile(r"""insert\s+([\w.]+)(?:\s+["']default=([^"']*)["'])?""")
PERSONALIZATION = re.compile(r"""personalization_token\(\s*["']([\w.]+)["']\s*(?:,\s*["']([^"']*)["']\s*)?\)""")
TRACKED = re.compile(r"""TrackLink\s+["`']([^"`']+)["`']\s+\.""")
HANDLEBARS = re.compile(r"#(if|unless|equals|notEquals|greaterThan|lessThan)\s+(.+)", re.S)
GO_IF = re.compile(r"""if\s+(?:(eq|ne|gt|lt|ge|le)\s+)?(\.[\w.]+)(?:\s+("[^"]*"|-?\d+))?""")
SIGNS = {"eq": "==", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<=",
         "equals": "==", "notEquals": "!=", "greaterThan": ">", "lessThan": "<"}  # fmt: skip
IF_MERGE = re.compile(r"(IF|IFNOT|ELSEIF)\s*:\s*([A-Za-z0-9_]+)\s*(?:(!=|>=|<=|=|>|<)\s*(.*))?", re.S)
MERGE = re.compile(r"(?:(TITLE|UPPER|LOWER|URL)\s*:\s*)?([A-Za-z][A-Za-z0-9_]{0,40})")
CHIMP_FILTERS = {"TITLE": "titlecase", "UPPER": "upcase", "LOWER": "downcase", "URL": "url_encode"}
MAUTIC_FIELD = re.compile(r"\{(?:contactfield|leadfield)=([\w-]+)(?:\|([^{}]*))?\}")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
CLOSING = {"if": "endif", "unless": "endunless", "for": "endfor", "case": "endcase"}
SAID = 60


@dataclass(frozen=True)
class Open:
    """A tag that waits for its end. `became`: if, unless, for or case, as it is written now."""

    became: str
    was: str
    at: int
    is_foreign: bool
    """Its own end is another product's."""


@dataclass
class Stack:
    """What is open, and what the tag in hand wants to have noted."""

    open: list[Open] = field(default_factory=list)
    bound: frozenset[str] = frozenset()
    at: int = 0
    notes: list[str] = field(default_factory=list)

    def push(self, became: str, was: str, *, is_foreign: bool = False) -> None:
        self.open.append(Open(became, was, self.at, is_foreign))

    def close(self) -> str:
        if not self.open:
            raise Refused("it closes nothing")
        return f"{{% {CLOSING[self.open.pop().became]} %}}"


def said(whole: str) -> str:
    short = " ".join(whole.split())
    return short if len(short) <= SAID else f"{short[:SAID]}…"


def tag(whole: str, stack: Stack) -> str:
    """What stands in double braces or in braces with percent signs."""
    found = SHAPE.fullmatch(whole)
    if not found:
        return whole
    opening, inside, closing = found.groups()
    if whole.startswith("{%"):
        return _statement(whole, inside, stack, dashes=("-" if "-" in opening else "", "-" if "-" in closing else ""))
    if special := _special(inside.strip(), whole, stack):
        return special
    is_triple = opening.startswith("{{{") and closing.endswith("}}}")
    if opening.startswith("{{{") and not is_triple:
        return whole
    braced = f"{inside}{closing[:-2]}" if closing.startswith("}") and not is_triple else inside
    made, notes = output(braced, stack.bound)
    stack.notes += notes
    if is_triple:
        made = f" {made.strip()} "
        return f"{{{{{made}}}}}"
    if made == braced:
        return whole
    return f"{{{{{'-' if '-' in opening else ''}{made}{'-' if closing.startswith('-') else ''}}}}}"


def _special(inside: str, whole: str, stack: Stack) -> str:
    """Outputs that are more than a value: SendGrid's and listmonk's. Empty for all others."""
    if found := INSERT.fullmatch(inside) or PERSONALIZATION.fullmatch(inside):
        name, otherwise = found.groups()
        path = values(name, stack.bound)
        return f"{{{{ {path} | default: {quoted(otherwise)} }}}}" if otherwise else f"{{{{ {path} }}}}"
    if found := TRACKED.fullmatch(inside):
        return found.group(1)
    if inside in ("TrackView .", "TrackView"):
        stack.notes.append("opens are counted without it")
        return "{% comment %}TrackView{% endcomment %}"
    if inside.startswith(("!", "#", "/", ">")) or inside == "else":
        return _handlebars(inside, whole, stack)
    if inside == "end" or inside.startswith(("if ", "range ", "with ", "template ", "else if ")):
        return _go(inside, whole, stack)
    return ""


def _handlebars(inside: str, whole: str, stack: Stack) -> str:
    if inside == "else":
        if stack.open and stack.open[-1].is_foreign:
            return "{% else %}"
        raise Refused("it belongs to no condition")
    if inside.startswith("!"):
        return f"{{% comment %}}{inside.strip('!-')}{{% endcomment %}}"
    if inside.startswith("/"):
        if not (stack.open and stack.open[-1].is_foreign):
            raise Refused("it closes nothing")
        return stack.close()
    found = HANDLEBARS.fullmatch(inside)
    if not found:
        raise Refused("it has no counterpart: write a condition or a loop of Liquid")
    kind, rest = found.groups()
    if kind in ("if", "unless"):
        return _opened(kind, condition(values(rest, stack.bound), stack.bound), whole, stack)
    left, _, right = rest.strip().partition(" ")
    compared = f"{values(left, stack.bound)} {SIGNS[kind]} {right.strip()}"
    return _opened("if", condition(compared, stack.bound), whole, stack)


def _go(inside: str, whole: str, stack: Stack) -> str:
    if inside == "end":
        if not (stack.open and stack.open[-1].is_foreign):
            raise Refused("it closes nothing")
        return stack.close()
    found = GO_IF.fullmatch(inside)
    if not found:
        raise Refused("it has no counterpart: write a condition or a loop of Liquid")
    sign, path, value = found.groups()
    compared = f" {SIGNS[sign]} {value}" if sign and value else ""
    return _opened("if", condition(f"{path}{compared}", stack.bound), whole, stack)


def _opened(kind: str, asked: Condition, whole: str, stack: Stack) -> str:
    """The start of a condition in another product's braces."""
    became = {"if": "unless", "unless": "if"}[kind] if asked.is_negated else kind
    stack.push(became, whole, is_foreign=True)
    return f"{{% {became} {asked.text.strip()} %}}"


def _statement(whole: str, inside: str, stack: Stack, *, dashes: tuple[str, str]) -> str:
    found = TAG.match(inside)
    if not found:
        return whole
    name, rest = found.groups()
    made = _made(name, rest, whole, stack)
    if made is None:
        return whole
    return f"{{%{dashes[0]} {made} {dashes[1]}%}}" if not made.startswith("{{") else made


def _made(name: str, rest: str, whole: str, stack: Stack) -> str | None:
    """The inside of the tag as it is written here; None if it stays."""
    if name in ("if", "unless", "elsif", "elif"):
        return _condition(name, rest, whole, stack)
    if name in ("endif", "endunless", "endfor", "endcase"):
        return _closing(name, stack)
    if name in ("for", "case"):
        stack.push(name, whole)
    if name == "empty":
        return "else"
    if name in words.UNSUBSCRIBE_TAGS:
        stack.notes.append("now the address alone: put it behind words as a link")
        return "{{ unsubscribe_url }}"
    if name in ("now", "today", "current_year"):
        form = "Y" if name == "current_year" else rest.strip().strip("\"'")
        return f"{{{{ today | date: {quoted(strftime_of(form))} }}}}"
    if name not in words.NATIVE_TAGS:
        raise Refused(words.GONE_TAGS.get(name, f"there is no tag “{name}” here"))
    if name == "assign":
        left, sign, right = rest.partition("=")
        made, notes = output(right, stack.bound)
        stack.notes += notes
        return None if made == right else f"assign{left}{sign}{made}".rstrip()
    made = values(rest, stack.bound)
    return None if made == rest else f"{name}{made}".rstrip()


def _condition(name: str, rest: str, whole: str, stack: Stack) -> str | None:
    asked = condition(rest, stack.bound)
    kind = "elsif" if name == "elif" else name
    if asked.is_negated and kind == "elsif":
        raise Refused("“not” cannot be written after elsif in Liquid: put a condition in the else")
    if asked.is_negated:
        kind = {"if": "unless", "unless": "if"}[kind]
    if name in ("if", "unless"):
        stack.push(kind, whole)
    return f"{kind} {asked.text.strip()}" if asked.is_foreign or kind != name else None


def _closing(name: str, stack: Stack) -> str | None:
    """Native tags that close something else than they say are the parser's to refuse."""
    if not stack.open:
        return None
    right = CLOSING[stack.open[-1].became]
    if right == name or {right, name} == {"endif", "endunless"}:
        stack.open.pop()
        return None if right == name else right
    return None


def mailchimp(whole: str, stack: Stack) -> str:
    inside = whole[2:-2].strip()
    if "\n" in inside or not inside:
        return whole
    if inside in words.MAILCHIMP:
        return words.MAILCHIMP[inside]
    if inside.startswith("END:"):
        if not (stack.open and stack.open[-1].is_foreign):
            raise Refused("it closes nothing")
        return stack.close()
    if inside.rstrip(":") == "ELSE":
        return "{% else %}"
    if found := IF_MERGE.fullmatch(inside):
        return _merge_condition(found, whole, stack)
    if inside.startswith("DATE:"):
        return f"{{{{ today | date: {quoted(strftime_of(inside.removeprefix('DATE:')))} }}}}"
    for gone in (inside, inside.split(":", maxsplit=1)[0]):
        if gone in words.MAILCHIMP_GONE:
            raise Refused(words.MAILCHIMP_GONE[gone])
    if found := MERGE.fullmatch(inside):
        form, name = found.groups()
        shown = f" | {CHIMP_FILTERS[form]}" if form else ""
        return f"{{{{ {trait([name.lower()], stack.bound)}{shown} }}}}"
    raise Refused("it has no counterpart here")


def _merge_condition(found: "re.Match[str]", whole: str, stack: Stack) -> str:
    kind, name, sign, value = found.groups()
    path = trait([name.lower()], stack.bound)
    said_value = (value or "").strip()
    shown = said_value if NUMBER.fullmatch(said_value) else quoted(said_value)
    asked = path if sign is None else f"{path} {'==' if sign == '=' else sign} {shown}"
    if kind == "ELSEIF":
        return f"{{% elsif {asked} %}}"
    became = "if" if kind == "IF" else "unless"
    stack.push(became, whole, is_foreign=True)
    return f"{{% {became} {asked} %}}"


def mautic(whole: str, stack: Stack) -> str:
    if found := MAUTIC_FIELD.fullmatch(whole):
        path, otherwise = trait([found.group(1)], stack.bound), found.group(2)
        return f"{{{{ {path} | default: {quoted(otherwise)} }}}}" if otherwise else f"{{{{ {path} }}}}"
    name = whole[1:-1].split("=", maxsplit=1)[0]
    if name == "unsubscribe_url":
        return "{{ unsubscribe_url }}"
    if name in words.MAUTIC_GONE:
        raise Refused(words.MAUTIC_GONE[name])
    return whole


def percent(whole: str, stack: Stack) -> str:
    """Salesforce's `%%FirstName%%`; programs between such signs have no counterpart."""
    inside = whole[2:-2]
    if inside.startswith(("[", "=")):
        raise Refused("programs have no counterpart here")
    if not re.fullmatch(r"[A-Za-z_]\w{0,60}", inside):
        return whole
    if inside.lower() in ("unsub_center_url", "unsubscribe_url"):
        return "{{ unsubscribe_url }}"
    return f"{{{{ {trait([inside], stack.bound)} }}}}"
