"""A feed's address with Liquid in it: values can be parts of it, never change where it leads.

Every output is percent-encoded by construction, whatever its filters; `url_encode` may be written and changes nothing.
Scheme, host and port are plain text, so no value of a person chooses who is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, TextIO
from urllib.parse import quote

from liquid import BoundTemplate, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError

from campaigns.content.blocks import ContentError
from campaigns.content.filters import guarded
from campaigns.content.liquid import parse
from campaigns.content.sandbox import Context, Sandbox
from campaigns.content.shown import shown
from campaigns.content.tokens import Token, tokens_of
from cdp.common.outbound import OutboundRefused
from cdp.common.outbound_target import Target, read_target

LONGEST = 2_000
PLACE = "address"
TAGS = frozenset({"content", "output", "illegal", "if", "unless", "case", "assign", "comment"})
"""Text and output, and what writes nothing by itself."""
_fixed = re.compile(r"https?://[^/?#{}%\s]+[/?]", re.IGNORECASE)


class BadAddress(Exception):
    """The address cannot be asked as it is written."""


class Encoded(str):
    """Text that is percent-encoded already."""

    __slots__ = ()


def encode(text: str) -> Encoded:
    return Encoded(quote(text, safe="", errors="replace"))


class Encoding(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        return buffer.write(value if isinstance(value, Encoded) else encode(shown(value)))


class EncodingOutput(Output):
    node_class = Encoding


class OfAddresses(Sandbox):
    output_stream_limit = 8_000
    local_namespace_limit = 20_000
    block_nesting_limit = 5

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS}
        self.add_tag(EncodingOutput)
        told = guarded(shown)
        self.filters["url_encode"] = lambda value: encode(told(value))


ADDRESSES = OfAddresses()


@dataclass(frozen=True)
class Address:
    """An address that was read and can be made for people."""

    source: str
    template: BoundTemplate
    tokens: tuple[Token, ...]
    """What it asks of a person; campaigns/content/needs.py takes them as `more`."""

    @property
    def is_personal(self) -> bool:
        return bool(self.tokens)

    def url_for(self, context: Mapping[str, Any]) -> str:
        """The address for the person whom the context is about. Raises BadAddress."""
        try:
            url = _rendered(self.template, context)
        except (LiquidError, RecursionError, ArithmeticError, TypeError, ValueError) as error:
            raise BadAddress("The address cannot be made with what is known of this person.") from error
        _target(url)
        return url


def read_address(source: str) -> Address:
    if len(source) > LONGEST:
        raise BadAddress(f"The address is longer than {LONGEST:,} characters.")
    begins = source.find("{")
    if begins >= 0 and not _fixed.match(source[:begins]):
        raise BadAddress(
            "What is known of a person can stand after the host only,"
            " as in https://api.example.com/weather?city={{ profile.city }}."
        )
    try:
        template = parse(source, PLACE, environment=ADDRESSES)
    except ContentError as error:
        raise BadAddress(f"The Liquid in the address cannot be read: {error.message}.") from error
    address = Address(source, template, tuple(tokens_of(template, place=PLACE)))
    host_of(address)
    return address


def host_of(address: Address) -> Target:
    """Where it leads, the same for everybody: as for somebody of whom nothing is known."""
    begins = address.source.find("{")
    if begins < 0:
        return _target(address.source)
    try:
        return _target(_rendered(address.template, {}))
    except (LiquidError, RecursionError, ArithmeticError, TypeError, ValueError):
        # That a sum cannot be made of nothing is no mistake of the address.
        return _target(address.source[:begins])


def _rendered(template: BoundTemplate, data: Mapping[str, Any]) -> str:
    context = Context(template, globals=data)
    buffer: TextIO = context.get_buffer(StringIO())
    template.render_with_context(context, buffer)
    return buffer.getvalue()  # type: ignore[attr-defined,no-any-return]


def _target(url: str) -> Target:
    try:
        target = read_target(url)
    except OutboundRefused as error:
        raise BadAddress(str(error)) from error
    if target.has_dots:
        raise BadAddress("The address leads upwards (..), which is not asked.")
    return target
