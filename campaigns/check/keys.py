"""Findings by their keys, in words: the title of a list of people."""

from collections.abc import Callable, Sequence

from campaigns.check.result import Result
from campaigns.models import Delivery

HOW = {
    "value": "see what is known of them",
    "fallback": "see the fallback",
    "nothing": "see nothing",
    "unread": "do not come to it",
    "own": "see items of their own",
    "some": "see items of their own, filled up",
    "short": "see fewer items than there is room for",
    "given": "would get it",
    "failed": "were not answered",
}
PLAIN = {
    "segment": "in the audience",
    "allowed": "who may be written to",
    "gets": "who get it",
    "unmade": "whose mail cannot be made",
}


class UnknownKey(Exception):
    """The check has no such finding. Open the list from the check's page."""


def in_words(found: Result, keys: Sequence[str]) -> str:
    """Raises UnknownKey."""
    return "People " + ", ".join(_words(found, key) for key in keys)


def _words(found: Result, key: str) -> str:
    if key in PLAIN:
        return PLAIN[key]
    kind, _, rest = key.removeprefix("tried:").partition(":")
    try:
        words = _KINDS[kind](found, rest)
    except (KeyError, ValueError, IndexError, StopIteration) as error:
        raise UnknownKey(key) from error
    return f"{words} (of those it was tried with)" if key.startswith("tried:") else words


def _none(found: Result, rest: str) -> str:
    return f"who do not get it: {Delivery.Reason(rest).label}"


def _branch(found: Result, rest: str) -> str:
    split, _, number = rest.rpartition(":")
    held = next(one for one in found.splits if one.key == split)
    branch = held.branches[int(number)]
    return f"who get “{branch.says or branch.rule}” ({held.name})"


def _later(found: Result, rest: str) -> str:
    split, _, number = rest.rpartition(":")
    held = next(one for one in found.splits if one.key == split)
    return f"who are “{held.branches[int(number)].rule}”, and get an earlier branch ({held.name})"


def _token(found: Result, rest: str) -> str:
    number, _, how = rest.partition(":")
    return f"who {HOW[how]} at {found.tokens[int(number)].source}"


def _grid(found: Result, rest: str) -> str:
    block, _, how = rest.partition(":")
    name = next(one for one in found.grids if one.block == block).name
    return f"who {HOW[how] if how != 'fallback' else 'see only the fallback'} at {name}"


def _offer(found: Result, rest: str) -> str:
    key, _, how = rest.partition(":")
    name = next(one for one in found.offers if one.key == key).name
    if how == "given":
        return f"who would get the offer “{name}”"
    return f"who would not get the offer “{name}”: {how.partition(':')[2]}"


def _feed(found: Result, rest: str) -> str:
    one = next(one for one in found.feeds if rest in (one.block, one.key))
    return f"who get the feed “{one.name}”"


def _unmade(found: Result, rest: str) -> str:
    return "whose mail cannot be made"


def _hint(found: Result, rest: str) -> str:
    return f"whose mail has this: {found.sample.hints[int(rest)].text}"


_KINDS: dict[str, Callable[[Result, str], str]] = {
    "none": _none,
    "branch": _branch,
    "later": _later,
    "token": _token,
    "grid": _grid,
    "offer": _offer,
    "feed": _feed,
    "unmade": _unmade,
    "hint": _hint,
    "clipped": lambda found, rest: "whose mail Gmail would cut off",
}
