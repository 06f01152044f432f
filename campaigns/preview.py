"""A mail as one person would get it now, posted and not saved: a rehearsal, which gives nothing out and counts nothing.

What holds a mistake is left out, block by block, so that the rest can be seen while somebody still writes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from psycopg2.errors import QueryCanceled

from campaigns import sample_person
from campaigns.content.blocks import Problem
from campaigns.content.compile import Compiled, compile_all
from campaigns.content.compose import fill_in, prepare
from campaigns.content.hints import About as Known
from campaigns.content.hints import Hint, hints_of
from campaigns.content.modules import modules_for
from campaigns.content.press import About, Press, Recipient, Unmade, made_ready
from campaigns.content.problems import judged
from campaigns.content.read import read_all
from campaigns.content.render import Rendered
from campaigns.content.vocabulary import Vocabulary
from campaigns.preview_branches import Asked, Taken, can_be_forced, taken
from cdp.profiles.models import Profile

REF = UUID(int=0)
"""Names no delivery: links of a preview lead nowhere that counts."""
WAIT_S = 5
TOO_SLOW = (
    "It takes too long to find out what this person gets. Conditions that compare with all people are the slow ones."
)


class TooSlow(Exception):
    """A statement took longer than somebody who writes can wait."""


@dataclass(frozen=True)
class Wanted:
    content: Any
    profile: Profile | None = None
    """None: a made-up person."""
    forced: Mapping[str, int] = field(default_factory=dict)
    is_module: bool = False
    has_topic: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
    """Of a triggered mail, a happening such as triggers it."""


@dataclass(frozen=True)
class Preview:
    rendered: Rendered | None
    """None where nothing can be shown; the problems say why."""
    branches: Mapping[str, Taken] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    hints: tuple[Hint, ...] = ()


def preview(wanted: Wanted, *, about: About, now: datetime) -> Preview:
    vocabulary = Vocabulary.lately()
    compiled, found = judged(
        wanted.content,
        vocabulary=vocabulary,
        modules=modules_for(wanted.content),
        is_module=wanted.is_module,
        has_topic=wanted.has_topic,
    )
    problems = tuple(found)
    if compiled is None:
        return Preview(None, problems=problems)
    forced = can_be_forced(compiled, wanted.forced)
    try:
        with no_statement_longer_than(WAIT_S):
            press = made_ready(compiled, about=about, vocabulary=vocabulary, now=now)
            made = rendered_for(press, wanted.profile, forced=forced, now=now, context=wanted.context)
            if isinstance(made, str):
                return Preview(None, problems=(*problems, Problem("", made)))
            if problems and not made.text.strip():
                return Preview(None, problems=problems)
            asked = Asked(wanted.profile.pk if wanted.profile else None, now, about.zone, press.cuts)
            branches = taken(compiled, made.branches, forced=forced, asked=asked)
    except TooSlow:
        return Preview(None, problems=(*problems, Problem("", TOO_SLOW)))
    return Preview(made, branches, problems, tuple(hints_of(made, about=Known(own_url=about.base_url))))


def readable(content: Any, *, modules: Mapping[int, Any], is_module: bool) -> Compiled | None:
    """What of the content holds no mistake; None if there is nothing."""
    mail, _ = read_all(content, modules=modules, is_module=is_module)
    return compile_all(mail)[0] if mail and mail.blocks else None


def rendered_for(
    press: Press,
    profile: Profile | None,
    *,
    now: datetime,
    forced: Mapping[str, int] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Rendered | str:
    """Or why it cannot be made."""
    email = str((profile.traits if profile else {}).get("email") or sample_person.EMAIL)
    recipient = Recipient(profile.pk if profile else 0, REF, email, context=context or {})
    [ready] = prepare(press, [recipient], now=now, rehearsed=Counter(), forced=forced or {})
    if profile is None:
        sample_person.fill_in(ready, press, now=now)
    made = fill_in(press, ready)
    return made.why if isinstance(made, Unmade) else made.rendered


@contextmanager
def no_statement_longer_than(seconds: int) -> Iterator[None]:
    """Without a transaction around them: feeds are asked meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("select set_config('statement_timeout', %s, false)", [f"{seconds}s"])
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise TooSlow from error
            raise
        finally:
            cursor.execute("select set_config('statement_timeout', %s, false)", [before])
