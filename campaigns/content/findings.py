"""What is wrong with a token: a name nobody knows, a value that some lack, a list shown as if it were one value."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from campaigns.content.blocks import Problem
from campaigns.content.compile import Compiled
from campaigns.content.meanings import ITEM_LISTS, LEADING, Kind, Resolved, Unknown, fold, written
from campaigns.content.tokens import Token
from campaigns.content.vocabulary import Vocabulary

GREETED = frozenset({"firstname", "name", "fullname", "givenname", "nickname"})
TOWNS = frozenset({"city", "town"})


@dataclass(frozen=True)
class Here:
    """What offer and feed blocks name: block → keys of its offers; blocks with a feed."""

    offers: Mapping[str, Collection[str]]
    feeds: Collection[str]

    @classmethod
    def of(cls, compiled: Compiled) -> "Here":
        return cls({one.block: one.keys for one in compiled.offers}, {one.block for one in compiled.feeds})


def problem_of(token: Token, vocabulary: Vocabulary, here: Here) -> Problem | None:
    message = _wrong(token, vocabulary, here)
    return Problem(token.place, message) if message else None


def _wrong(token: Token, vocabulary: Vocabulary, here: Here) -> str:
    if token.is_cut and token.path in {(one,) for one in LEADING}:
        return (
            f"{{{{ {token.name}[…] }}}} takes a name that is only known when the mail is made: write the name itself,"
            f" as in {token.name}.something"
        )
    if token.path[0] == "segments" and token.sought is not None:
        segment = vocabulary.segment(token.sought)
        return _unknown(segment, quotes=("“", "”")) if isinstance(segment, Unknown) else ""
    resolved = vocabulary.resolve(token.path)
    if isinstance(resolved, Unknown):
        return _unknown(resolved, quotes=("{{ ", " }}"))
    if away := _away(token, resolved, here):
        return away
    if token.is_condition or token.has_default or token.is_guarded:
        return ""
    if not token.is_cut and not token.filters and (shapeless := _shapeless(token, resolved)):
        return shapeless
    return _empty(token, resolved, vocabulary, here)


def _unknown(found: Unknown, *, quotes: tuple[str, str]) -> str:
    if not found.suggestion:
        return found.message
    left, right = quotes
    return f"{found.message}. Did you mean {left}{found.suggestion}{right}?"


def _away(token: Token, resolved: Resolved, here: Here) -> str:
    """An offer or feed spoken of outside its block."""
    if resolved.kind is Kind.OFFER_HERE and token.scope not in here.offers:
        return "“offer” means the offer of an offer block: write offers.<its key>, or use an offer block"
    if resolved.kind is Kind.FEED_HERE and token.scope not in here.feeds:
        return "“feed” means the answer of a feed block: write feeds.<its key>, or use a feed block"
    return ""


def _shapeless(token: Token, resolved: Resolved) -> str:
    path = written(token.path)
    if resolved.type == "list" and resolved.kind in ITEM_LISTS:
        return f"{{{{ {path} }}}} is a list and shows nothing: go through it with {{% for item in {path} %}}"
    if resolved.type == "object":
        return f"{{{{ {path} }}}} has several parts and shows nothing: say which one, as in {{{{ {path}.… }}}}"
    return ""


def _empty(token: Token, resolved: Resolved, vocabulary: Vocabulary, here: Here) -> str:
    if resolved.kind is Kind.OFFER_HERE:
        lacking = [
            key for key in here.offers[token.scope] if resolved.field not in vocabulary.given.get(key, frozenset())
        ]
        return _says(token, "", resolved) if lacking and resolved.field else ""
    if resolved.can_be_empty or token.is_cut:
        return _says(token, share_in_words(resolved.empty_share), resolved)
    return ""


def share_in_words(share: float | None) -> str:
    """Of people who would see nothing."""
    if not share:
        return ""
    if share >= 1:
        return "of everybody"
    if share < 0.01:
        return "of fewer than 1 % of people"
    return f"of {min(round(100 * share), 99)} % of people"


def _says(token: Token, share: str, resolved: Resolved) -> str:
    path = written(token.path) + ("[…]" if token.is_cut else "")
    nothing = f"{{{{ {path} }}}} is empty in the mail {share}" if share else f"{{{{ {path} }}}} can be empty"
    shown = f" | {' | '.join(token.filters)}" if token.filters else ""
    if shown:
        return f"{nothing}: end it with | default: {default_for(resolved)} or what else they shall read"
    return f"{nothing}: write {{{{ {path} | default: {default_for(resolved)} }}}} or what else they shall read"


def default_for(resolved: Resolved) -> str:
    """What most would write, as Liquid."""
    if resolved.type == "number":
        return "0"
    name = fold(resolved.key[-1]) if resolved.key else ""
    if resolved.kind is Kind.TRAIT and name in GREETED:
        return '"there"'
    if resolved.kind is Kind.TRAIT and name in TOWNS:
        return '"your town"'
    if resolved.type == "date":
        return '"soon"' if resolved.field in ("expected_at", "ends_on") else '"lately"'
    return '""'
