"""What web analytics knows a campaign by: utm_source, utm_medium, utm_campaign and utm_content on its links."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote_plus

Utm = tuple[tuple[str, str], ...]
"""Parameter and value, in the order they are written."""
PARTS = ("source", "medium", "campaign", "content")


def utm_of(said: Mapping[str, str], *, source: str, campaign: str, content: str = "") -> Utm:
    """`said` is what somebody wrote; what is missing is made of names."""
    made = {"source": plain(source) or "tributary", "medium": "email", "campaign": plain(campaign), "content": content}
    values = {part: str(said.get(part) or "").strip() or made[part] for part in PARTS}
    return tuple((f"utm_{part}", quote(value, safe="")) for part, value in values.items() if value)


def plain(name: str) -> str:
    """Spring sale! → spring-sale; letters of every script stay."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:100]


@lru_cache(maxsize=8192)
def tagged(target: str, utm: Utm) -> str:
    """With those that it does not have yet. What it has, and what stands after #, stays as it is."""
    address, hash_, fragment = target.partition("#")
    path, mark, query = address.partition("?")
    has = {unquote_plus(pair.partition("=")[0]).lower() for pair in re.split("[&;]", query)}
    more = "&".join(f"{name}={value}" for name, value in utm if name not in has)
    if not more:
        return target
    if not mark:
        return f"{path}?{more}{hash_}{fragment}"
    join = "&" if query and not query.endswith("&") else ""
    return f"{address}{join}{more}{hash_}{fragment}"
