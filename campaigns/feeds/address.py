"""A feed's address with Liquid in it: values can be parts of it, never change where it leads.

Every output is percent-encoded by construction, whatever its filters; `url_encode` may be written and changes nothing.
Scheme, host and port are plain text, so no value of a person chooses who is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import quote

from liquid import BoundTemplate, Environment
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import FilterArgumentError, LiquidError
from liquid.filter import string_filter
from liquid.stringify import to_liquid_string

from cdp.common.outbound import OutboundRefused
from cdp.common.outbound_target import read_target

LONGEST = 2_000
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


class EncodedOutputNode(OutputNode):
    def render_to_output(self, context: Any, buffer: StringIO) -> int:  # type: ignore[override]
        value = self.expression.evaluate(context)
        return buffer.write(value if isinstance(value, Encoded) else encode(to_liquid_string(value, False)))


class EncodedOutput(Output):
    node_class = EncodedOutputNode


class AddressEnvironment(Environment):
    output_stream_limit = 8_000
    local_namespace_limit = 20_000
    loop_iteration_limit = 1
    block_nesting_limit = 5
    context_depth_limit = 8

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS}
        self.add_tag(EncodedOutput)
        del self.filters["safe"]
        self.filters["url_encode"] = string_filter(encode)


_environment = AddressEnvironment()


@dataclass(frozen=True)
class Address:
    """An address that was read and can be made for people."""

    source: str
    template: BoundTemplate
    names: tuple[tuple[str | int, ...], ...]
    """What it names of a person, such as ("profile", "city")."""

    @property
    def is_personal(self) -> bool:
        return bool(self.names)

    def url_for(self, context: Mapping[str, Any]) -> str:
        """The address for the person whom the context is about. Raises BadAddress."""
        try:
            url = self.template.render(context)
        except (LiquidError, RecursionError, ArithmeticError, TypeError, ValueError) as error:
            raise BadAddress("The address cannot be made with what is known of this person.") from error
        _check(url)
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
        template = _environment.from_string(source)
        names = template.global_variable_segments()
        _try(template)
    except (LiquidError, RecursionError) as error:
        raise BadAddress(f"The Liquid in the address cannot be read: {_message(error)}.") from error
    return Address(source, template, tuple(sorted(map(_plain, names), key=str)))


def _try(template: BoundTemplate) -> None:
    """For somebody of whom nothing is known. That a sum cannot be made of nothing is no mistake."""
    try:
        _check(template.render({}))
    except FilterArgumentError:
        return


def _check(url: str) -> None:
    try:
        target = read_target(url)
    except OutboundRefused as error:
        raise BadAddress(str(error)) from error
    if target.has_dots:
        raise BadAddress("The address leads upwards (..), which is not asked.")


def _plain(segments: Any) -> tuple[str | int, ...]:
    """Up to a part that is itself looked up."""
    plain: list[str | int] = []
    for segment in segments:
        if not isinstance(segment, str | int):
            break
        plain.append(segment)
    return tuple(plain)


def _message(error: Exception) -> str:
    return str(getattr(error, "message", None) or error).split("\n", maxsplit=1)[0].rstrip(".")
