"""What is kept per person and event (how often, how much, first and last) spares reading most events of given people.

It knows of all events of a name, also those to come, so it decides for whom none lies beside the window.
"""

from dataclasses import dataclass
from datetime import timedelta

from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope
from cdp.rules.windows import Range

WIDE = timedelta(days=45)
"""In a wider window a look at the state first costs less than one into each month's events."""


@dataclass(frozen=True)
class Decided:
    """`sql` selects whom the state lets in; `unsure`, if any, whose events must be read."""

    sql: Sql
    unsure: Sql | None


def is_wide(times: Range) -> bool:
    after, until = times
    return after is None or until - after > WIDE


def overlapping(name: str, times: Range, scope: Scope) -> Sql:
    """Selects those who may have an event in the window."""
    return fill("select s.profile_id {kept} and {over}", kept=_kept(name, scope), over=_overlaps(times))


def did(name: str, times: Range, scope: Scope) -> Decided:
    """Those who have an event in the window."""
    after, until = times
    kept = _kept(name, scope)
    if after is None:
        return Decided(fill("select s.profile_id {kept} and s.first_at <= {until}", kept=kept, until=until), None)
    both = {"kept": kept, "after": after, "until": until}
    sure = fill(
        "select s.profile_id {kept} and ((s.last_at > {after} and s.last_at <= {until})"
        " or (s.first_at > {after} and s.first_at <= {until}))",
        **both,
    )
    return Decided(sure, fill("select s.profile_id {kept} and s.first_at <= {after} and s.last_at > {until}", **both))


def contained(name: str, times: Range, scope: Scope) -> Sql:
    """`from … s where …`: the states of those all of whose events lie in the window."""
    return fill("{kept} and {all_in}", kept=_kept(name, scope), all_in=_contained(times))


def unsure(name: str, times: Range, scope: Scope) -> Sql:
    """Selects those with events in the window and beside it."""
    return fill(
        "select s.profile_id {kept} and {over} and not ({all_in})",
        kept=_kept(name, scope),
        over=_overlaps(times),
        all_in=_contained(times),
    )


def counted(name: str, times: Range, scope: Scope, *, holds: Sql) -> Decided:
    """Those with events in the window of whom `holds` says so by the columns of the state `s`."""
    return Decided(
        fill("select s.profile_id {states} and {holds}", states=contained(name, times, scope), holds=holds),
        unsure(name, times, scope),
    )


def at_end(name: str, times: Range, scope: Scope, *, is_last: bool) -> Sql:
    """Of events `e` joined with their state `s`: whether one may be its person's last (first) in the window."""
    after, until = times
    if is_last:
        bound = fill("e.occurred_at >= case when s.last_at <= {until} then s.last_at else s.first_at end", until=until)
    elif after is None:
        bound = Sql("e.occurred_at <= s.first_at")
    else:
        bound = fill("e.occurred_at <= case when s.first_at > {after} then s.first_at else s.last_at end", after=after)
    return fill(
        "{theirs} and {over} and {bound}",
        theirs=scope.of_state("s", name),
        over=_overlaps(times),
        bound=bound,
    )


def _kept(name: str, scope: Scope) -> Sql:
    return fill("from {state} s where {theirs}", state=scope.state(name), theirs=scope.of_state("s", name))


def _overlaps(times: Range) -> Sql:
    after, until = times
    found = Sql("s.first_at <= %s", (until,))
    return found if after is None else join(" and ", [found, Sql("s.last_at > %s", (after,))])


def _contained(times: Range) -> Sql:
    """Whether all events lie in the window: then what is kept of them is what is asked."""
    after, until = times
    found = Sql("s.last_at <= %s", (until,))
    return found if after is None else join(" and ", [found, Sql("s.first_at > %s", (after,))])
