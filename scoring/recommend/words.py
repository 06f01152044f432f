"""Why an item is shown, in words."""

from scoring.recommend.interactions import Did
from scoring.recommend.lists import Entry, Why

VERBS = {None: "viewed", int(Did.VIEW): "viewed", int(Did.CART): "put into the cart", int(Did.ORDER): "bought"}


def reason(entry: Entry, *, category: str, brand: str, source: str) -> str:
    """`category` and `brand` are the item's own, `source` is the name of the item that led to it."""
    did = VERBS[entry.did]
    match entry.why:
        case Why.SIMILAR:
            if not source:
                return "like what they looked at"
            return (
                f"because they put {source} into the cart" if entry.did == Did.CART else f"because they {did} {source}"
            )
        case Why.TOGETHER:
            return f"often bought together with {source}" if source else "goes with what they bought"
        case Why.OWN:
            return "put into the cart and not bought" if entry.did == Did.CART else "viewed and not bought"
        case Why.AGAIN:
            return "bought before, and usually bought again about now"
        case Why.BRAND:
            return f"popular of {brand}, which they have chosen before"
        case Why.CATEGORY:
            return f"popular in {category}, where they have looked"
        case Why.NEW:
            return "new in the catalogue"
        case Why.VIEWED:
            return did
        case _:
            return "popular now"
