"""The rules of survivorship as they stand in the table."""

from cdp.accounts.models import Source
from cdp.common.copying import Cursor
from cdp.profiles.survivorship import Rule, Rules, Strategy


def load(cursor: Cursor) -> Rules | None:
    """Read once per batch, under the locks of the profiles. None without any rule: the usual, and the fast way."""
    cursor.execute("select trait, strategy, sources from profiles_survivorshiprule")
    rows = cursor.fetchall()
    if not rows:
        return None
    return made_of(cursor, {trait: Rule(Strategy(strategy), tuple(sources)) for trait, strategy, sources in rows})


def made_of(cursor: Cursor, by_trait: dict[str, Rule]) -> Rules:
    """These rules beside the sources as they are: also for rules that are only tried."""
    cursor.execute("select id, trust_rank, kind from accounts_source")
    sources = cursor.fetchall()
    ours = next((source_id for source_id, _, kind in sources if kind == Source.Kind.INTERNAL), None)
    return Rules(by_trait, {source_id: rank for source_id, rank, _ in sources}, ours)
