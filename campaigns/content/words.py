"""The token picker of the editor: everything a mail may say, in words, with what to insert."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from campaigns.content.findings import default_for
from campaigns.content.meanings import FIELDS, LEADING, ROOTS, Kind, Resolved, slug, written
from campaigns.content.vocabulary import Named, Vocabulary

MOST = 300
"""Traits and segments listed."""
LOOP = "{{% for item in {path} limit: 4 %}}\n- [{{{{ item.name }}}}]({{{{ item.url }}}})\n{{% endfor %}}"
LISTED = {
    "recommended": "Recommended items",
    "viewed": "Items looked at lately",
    "cart.items": "Items in the cart",
    "last_purchase.items": "Items of the last purchase",
}


@dataclass(frozen=True)
class Word:
    """`share` of people who have it, 0 to 1; None where it is not known. `example` is a value that several share."""

    group: str
    label: str
    insert: str
    share: float | None = None
    example: Any = None


def words_of(vocabulary: Vocabulary) -> list[Word]:
    """What can be empty is inserted with words to stand instead."""
    return [
        *_traits(vocabulary),
        *_computed(vocabulary),
        *_scores(vocabulary),
        *_clusters(vocabulary),
        *_fields("Last purchase", "last_purchase", ("date", "value", "order_id"), vocabulary),
        *_fields("Cart", "cart", ("value",), vocabulary),
        *(Word("Lists of items", label, LOOP.format(path=path)) for path, label in LISTED.items()),
        *_segments(vocabulary),
        *_offers(vocabulary),
        *_feeds(vocabulary),
        Word("The mail", "Today", '{{ today | date: "long" }}'),
        Word("The mail", "Name of the campaign", "{{ campaign.name }}"),
        Word("The mail", "Your company", token(("sender", "company"), vocabulary)),
        Word("The mail", "Your postal address", token(("sender", "address"), vocabulary)),
        Word("The mail", "Link to unsubscribe", "[Unsubscribe]({{ unsubscribe_url }})"),
    ]


def token(path: Iterable[str], vocabulary: Vocabulary) -> str:
    """As an output, with a default where it can be empty."""
    parts = tuple(path)
    resolved = vocabulary.resolve(parts)
    assert isinstance(resolved, Resolved), parts
    filters = [_shown(parts, resolved)]
    if resolved.can_be_empty:
        filters.append(f"default: {default_for(resolved)}")
    return f"{{{{ {' | '.join([written(parts), *filter(None, filters)])} }}}}"


def _shown(path: tuple[str, ...], resolved: Resolved) -> str:
    """The filter most would use."""
    if resolved.type == "date":
        return 'date: "long"'
    if resolved.type == "list":
        return 'join: ", "'
    if resolved.field == "value" and resolved.kind in (Kind.LAST_PURCHASE, Kind.CART):
        return f"money: {path[0]}.currency"
    return "round: 2" if resolved.kind is Kind.SCORE and resolved.type == "number" else ""


def _traits(vocabulary: Vocabulary) -> Iterator[Word]:
    for trait in vocabulary.sample.traits[:MOST]:
        if trait.type == "object" or any('"' in part for part in trait.path):
            continue
        name = trait.path[0]
        is_plain = name.isidentifier() and name not in ROOTS and name not in LEADING
        path = trait.path if is_plain else ("profile", *trait.path)
        label = ": ".join(part.replace("_", " ").strip().capitalize() for part in map(_spaced, trait.path))
        yield Word("The person", label, token(path, vocabulary), trait.filled, trait.example)


def _spaced(name: str) -> str:
    """firstName → first name."""
    return "".join(f" {one.lower()}" if one.isupper() and before.islower() else one
                   for before, one in zip(" " + name, name, strict=False))  # fmt: skip


def _computed(vocabulary: Vocabulary) -> Iterator[Word]:
    for known in vocabulary.computed:
        share = 1.0 if known.is_zero_without else vocabulary.sample.computed.get(known.id, 0.0)
        yield Word("Computed", known.label, token(("computed", known.key), vocabulary), share)


def _scores(vocabulary: Vocabulary) -> Iterator[Word]:
    for one in _living(vocabulary.predictors):
        for field in FIELDS[Kind.SCORE]:
            path = ("scores", slug(one.name) or one.name, field)
            share = vocabulary.sample.predictors.get(one.id, 0.0)
            yield Word("Scores", f"{one.name}: {field.replace('_', ' ')}", token(path, vocabulary), share)


def _clusters(vocabulary: Vocabulary) -> Iterator[Word]:
    for one in _living(vocabulary.clusterings):
        path = ("clusters", slug(one.name) or one.name)
        share = vocabulary.sample.clusterings.get(one.id, 0.0)
        yield Word("Groups", one.name, token(path, vocabulary), share)


def _fields(group: str, root: str, fields: Iterable[str], vocabulary: Vocabulary) -> Iterator[Word]:
    share = {"last_purchase": vocabulary.sample.buyers, "cart": vocabulary.sample.carts}[root]
    for field in fields:
        yield Word(group, field.replace("_id", " number").capitalize(), token((root, field), vocabulary), share)


def _segments(vocabulary: Vocabulary) -> Iterator[Word]:
    for one in [*_living(vocabulary.segments)][:MOST]:
        if '"' not in one.name:
            yield Word("Segments", f"If in “{one.name}”", f'{{% if segments contains "{one.name}" %}}…{{% endif %}}')


def _offers(vocabulary: Vocabulary) -> Iterator[Word]:
    for one in _living(vocabulary.offers):
        path = written(("offers", one.key))
        said = f"{{{{ {path}.name }}}}" + (f": {{{{ {path}.code }}}}" if "code" in vocabulary.given[one.key] else "")
        yield Word("Offers", one.name, f"{{% if {path} %}}{said}{{% endif %}}")


def _feeds(vocabulary: Vocabulary) -> Iterator[Word]:
    for one in _living(vocabulary.feeds):
        yield Word("Data feeds", one.name, f"{{% if {written(('feeds', one.key))} %}}…{{% endif %}}")


def _living(among: Iterable[Named]) -> Iterator[Named]:
    return (one for one in among if not one.is_archived)
