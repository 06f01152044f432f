"""Finds the events of a batch that no JSON parser takes as a whole (NaN, lone surrogates, thousands of levels)."""

import re

# Possessive, and an unclosed string is a token too: linear in time on any input.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_BATCH = re.compile(rb'"batch"\s*:\s*\[')


class NotSplittable(ValueError):
    """The brackets of the body do not match, or it has no list named batch."""


def split_batch(body: bytes) -> tuple[bytes, list[bytes], bytes]:
    """What stands before the first event, the events, what stands after the last.

    `head + tail` is the body with an empty batch; the caller checks that this is JSON.
    """
    depth, start, first = 0, -1, -1
    events: list[bytes] = []
    for token in _TOKEN.finditer(body):
        sign = token[0][:1]
        if sign == b'"':
            if depth == 1 and first < 0 and (opening := _BATCH.match(body, token.start())):
                start = first = opening.end()
        elif sign in b"[{":
            depth += 1
        elif sign == b",":
            if depth == 2 and first >= 0:
                events.append(body[start : token.start()])
                start = token.end()
        else:
            depth -= 1
            if depth == 1 and first >= 0 and token.start() >= start:
                if sign != b"]":
                    break
                events.append(body[start : token.start()])
                return body[:first], _without_blank(events), body[token.start() :]
    raise NotSplittable


def _without_blank(events: list[bytes]) -> list[bytes]:
    return [] if len(events) == 1 and not events[0].strip() else events
