"""The mail that the bench of rendering makes: over 20 KB of HTML, 15 tokens, four conditional blocks whose rules are of
different kinds, and a grid of four items; and the same mail as one template of bare python-liquid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.content.compile import Compiled
from campaigns.content.pieces import (
    BEACON,
    PREHEADER,
    SUBJECT,
    Cell,
    CellFork,
    Fork,
    Grid,
    Link,
    Output,
    Picture,
    Present,
    Program,
)

Block = dict[str, Any]
STORY = (
    "The new season is here, and with it the pieces that carry it: quiet colours, good cloth, and cuts that were tried"
    " on by the people who wear them. What is ordered before noon leaves the same day."
)


def rule(leaf: Block) -> Block:
    return {"version": 1, "root": leaf}


def text(name: str, words: str, **more: Any) -> Block:
    return {"id": name, "kind": "text", "text": words, **more}


def either(name: str, when: Block, *, first: str, otherwise: Block) -> Block:
    return text(name, first, when=when, **{"else": otherwise})


def button(name: str, words: str, page: str) -> Block:
    return {"id": name, "kind": "button", "text": words, "url": f"https://shop.example/{page}"}


MONTH = {"kind": "last", "amount": 30, "unit": "day"}
PRO = rule({"kind": "trait", "name": "plan", "op": "is", "value": "pro"})
LOOKED = rule({"kind": "event", "name": "Product Viewed", "op": "at_least", "value": 2, "window": MONTH})
LIKELY = rule({"kind": "score", "id": 1, "op": "at_least", "value": 0.6})
FREQUENT = rule({"kind": "segment", "id": 1, "op": "in"})
BLOCKS: tuple[Block, ...] = (
    {
        "id": "hello",
        "kind": "heading",
        "text": "Hello {{ firstName | default: 'there' }} {{ lastName | default: '' }}",
        "level": 2,
    },
    text("intro", STORY),
    text("own", "Your store is **{{ store | default: 'nearby' }}**, your size {{ size | default: 'M' }}."),
    either(
        "pro",
        PRO,
        first="As a **pro** you have {{ points | default: 0 }} points.",
        otherwise=text("free", "You have {{ points | default: 0 }} points: become a pro and double them."),
    ),
    either(
        "looked",
        LOOKED,
        first=f"Still thinking it over? {STORY}",
        otherwise=text("unlooked", "You were away for long. [See what is new](https://shop.example/new)."),
    ),
    {
        "id": "grid",
        "kind": "products",
        "source": {"kind": "recommended", "fallback": "popular"},
        "limit": 4,
        "per_row": 2,
        "button": "",
    },
    text(
        "more",
        "For your style, {{ style | default: 'yours' }}: you like"
        " {{ computed.favourite_category | default: 'good things' }} most."
        " Your {{ computed.frequency }} orders were worth {{ computed.monetary | money: 'EUR' }}.",
    ),
    either(
        "likely",
        LIKELY,
        first="We think you will be back soon: {{ scores.buys_soon.band | default: 'who knows' }}.",
        otherwise=button("unlikely", "Tell us why you stay away", "survey"),
    ),
    either(
        "frequent",
        FREQUENT,
        first="Thank you for coming so often. [Your lounge](https://shop.example/lounge) is open.",
        otherwise=text("rare", "Come by: the first coffee is on us in {{ city | default: 'every store' }}."),
    ),
    text("last", "Your birthday is on {{ birthday | date: '%d %B' | default: 'a day we do not know' }}."),
    button("go", "To the shop", "start"),
    {
        "id": "foot",
        "kind": "footer",
        "text": "Sent to {{ email | default: 'you' }} in {{ country | default: 'your country' }}.",
    },
)


def content() -> Block:
    return {
        "version": 2,
        "subject": "{{ firstName | default: 'Hello' }}, new in {{ city | default: 'your city' }}",
        "preheader": "Picked for {{ firstName | default: 'you' }} on {{ today | date: '%d %B' }}",
        "look": {"font": "georgia"},
        "blocks": list(BLOCKS),
    }


@dataclass(frozen=True)
class AsLiquid:
    """The compiled HTML written back as one template: conditions as {% if %}, the grid as a loop."""

    compiled: Compiled

    def source(self) -> str:
        return self._of(self.compiled.html)

    def _of(self, program: Program) -> str:
        return "".join(map(self._piece, program))

    def _piece(self, piece: Any) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, int):
            return self._slot(piece)
        if isinstance(piece, Fork):
            return self._fork(piece)
        if isinstance(piece, Present):
            return self._of(piece.present)
        if isinstance(piece, Grid):
            return self._grid(piece)
        if isinstance(piece, Cell):
            return f"{{{{ item.{piece.field} }}}}"
        if isinstance(piece, CellFork):
            return self._of(piece.present)
        raise TypeError(f"the bench's mail holds {piece!r}")

    def _slot(self, index: int) -> str:
        slot = self.compiled.slots[index]
        if isinstance(slot, Output):
            return f"{{{{ {slot.expression} }}}}"
        if isinstance(slot, Link | Picture):
            return "".join(part if isinstance(part, str) else self._slot(part) for part in slot.parts)
        said = {PREHEADER: self.compiled.preheader, SUBJECT: self.compiled.subject, BEACON: ()}
        return self._of(said[index])

    def _fork(self, fork: Fork) -> str:
        rules: Sequence[int] = self.compiled.splits[fork.split].rules
        parts = [
            f"{{% {'elsif' if n else 'if'} c{rule} %}}{self._of(fork.branches[n])}" for n, rule in enumerate(rules)
        ]
        return "".join(parts) + "{% else %}" + self._of(fork.branches[-1]) + "{% endif %}"

    def _grid(self, grid: Grid) -> str:
        item = self._of(grid.before_unit) + self._of(grid.item) + self._of(grid.after_unit)
        loop = f"{{% for item in items limit:{grid.limit} %}}{item}{{% endfor %}}"
        return self._of(grid.before_row) + loop + self._of(grid.after_row)
