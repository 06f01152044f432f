"""What a segment is, in one sentence."""

from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from segments.models import Segment


def sentence_of(segment: Segment) -> str:
    try:
        return to_english(parse(segment.rule))
    except RuleError as error:
        return f"The rule cannot be read any more: {error.message}"
