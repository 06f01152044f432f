"""What addresses said about purposes and topics: recorded from anywhere in any order, the newest word counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cdp.common.copying import Cursor
from cdp.privacy import erased
from cdp.privacy.told import tell

Address = tuple[str, str]
"""(namespace, value) in the form of cdp.profiles.addresses."""


@dataclass(frozen=True, slots=True)
class Word:
    """One statement. `topic` is empty where it speaks of the purpose as a whole."""

    namespace: str
    value: str
    purpose: str
    topic: str
    is_granted: bool
    at: datetime
    source_id: int | None
    how: str

    @property
    def about(self) -> tuple[str, str, str, str, bool]:
        return self.namespace, self.value, self.purpose, self.topic, self.is_granted


def record_consents(cursor: Cursor, words: Iterable[Word], *, now: datetime) -> None:
    """Adds to the history, and tells of whom something else may now be true. Safe to repeat; the order of arrival
    does not matter, only the times.

    A word that an earlier row already says extends that row; so the latest time of each of the two answers is
    always kept, and the later of the two is the current one. Words of people who were erased are not recorded.
    """
    newest: dict[tuple[str, str, str, str, bool], Word] = {}
    for word in words:
        known = newest.get(word.about)
        if known is None or word.at > known.at:
            newest[word.about] = word
    kept = set(erased.without(cursor, sorted({about[:2] for about in newest}), now=now)) if newest else set()
    newest = {about: word for about, word in newest.items() if about[:2] in kept}
    if not newest:
        return
    rows = [(*about, word.at, word.source_id, word.how[:200]) for about, word in sorted(newest.items())]
    cursor.execute(
        """with said as (select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                                %s::timestamptz[], %s::bigint[], %s::text[])
                           as s (namespace, value, purpose, topic, is_granted, at, source_id, how)),
                standing as (select said.*, earlier.id, newest.is_granted is distinct from said.is_granted as is_news,
                                    coalesce(newest.is_granted <> said.is_granted and (newest.last_at < said.at or
                                      newest.last_at = said.at and newest.is_granted), true) as is_newest
                               from said left join lateral (
                               select c.is_granted, c.last_at from privacy_consent c
                                where c.namespace = said.namespace and c.value = said.value
                                  and c.purpose = said.purpose and c.topic = said.topic
                                order by c.last_at desc, c.is_granted limit 1) newest on true
                               left join lateral (
                               select c.id, c.is_granted from privacy_consent c
                                where c.namespace = said.namespace and c.value = said.value
                                  and c.purpose = said.purpose and c.topic = said.topic and c.at <= said.at
                                order by c.at desc, c.is_granted limit 1) earlier
                               on earlier.is_granted = said.is_granted),
                extended as (update privacy_consent c set last_at = greatest(c.last_at, s.at), xact_id =
                               case when s.is_newest then pg_current_xact_id()::text::bigint else c.xact_id end
                               from standing s where c.id = s.id and c.last_at < s.at),
                added as (insert into privacy_consent
                            (namespace, value, purpose, topic, is_granted, at, last_at, source_id, how, xact_id)
                          select namespace, value, purpose, topic, is_granted, at, at, source_id, how,
                                 case when is_newest then pg_current_xact_id()::text::bigint else 0 end
                            from standing where id is null)
           select namespace, value from standing where is_news""",
        [list(column) for column in zip(*rows, strict=True)],
    )
    tell(cursor, cursor.fetchall(), now=now)


def current(namespace: str, values: Sequence[str], *, purpose: str, topic: str = "") -> dict[str, bool]:
    """Each address's newest word; addresses that never said anything are absent. At one instant, no means no."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (value) value, is_granted from privacy_consent
                where namespace = %s and value = any(%s) and purpose = %s and topic = %s
                order by value, last_at desc, is_granted""",
            [namespace, list(values), purpose, topic],
        )
        return dict(cursor.fetchall())


def of_profiles(profile_ids: Sequence[int], *, purpose: str, topic: str = "") -> dict[int, bool]:
    """The most restrictive word among each person's addresses; people without any are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select profile_id, bool_and(is_granted) from (
                 select distinct on (i.profile_id, c.namespace, c.value) i.profile_id, c.is_granted
                   from profiles_identifier i join privacy_consent c using (namespace, value)
                  where i.profile_id = any(%s) and c.purpose = %s and c.topic = %s
                  order by i.profile_id, c.namespace, c.value, c.last_at desc, c.is_granted) newest
                group by profile_id""",
            [list(profile_ids), purpose, topic],
        )
        return dict(cursor.fetchall())


def in_words(profile_ids: Sequence[int], now: datetime) -> dict[int, list[str]]:
    """The most restrictive word of each person about each purpose and topic, as a steward reads it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select profile_id, coalesce(t.name, p.name, nullif(topic, ''), purpose), bool_and(is_granted) from (
                 select distinct on (i.profile_id, c.namespace, c.value, c.purpose, c.topic)
                        i.profile_id, c.purpose, c.topic, c.is_granted
                   from profiles_identifier i join privacy_consent c using (namespace, value)
                  where i.profile_id = any(%s) and c.at <= %s
                  order by i.profile_id, c.namespace, c.value, c.purpose, c.topic, c.last_at desc, c.is_granted) newest
                 left join privacy_purpose p on p.key = purpose left join privacy_topic t on t.key = topic
                group by 1, 2 order by 1, 2""",
            [list(profile_ids), now],
        )
        found: dict[int, list[str]] = {}
        for profile_id, about, is_granted in cursor.fetchall():
            found.setdefault(profile_id, []).append(f"{about}: {'granted' if is_granted else 'denied'}")
        return found


def denied(cursor: Cursor, addresses: Sequence[Address], purposes: Sequence[str]) -> dict[Address, set[str]]:
    """Which of these purposes each address has currently denied."""
    cursor.execute(
        """select namespace, value, purpose from (
             select distinct on (namespace, value, purpose) namespace, value, purpose, is_granted
               from privacy_consent
               join unnest(%s::text[], %s::text[]) wanted (namespace, value) using (namespace, value)
              where purpose = any(%s) and topic = ''
              order by namespace, value, purpose, last_at desc, is_granted) newest
            where not is_granted""",
        [[namespace for namespace, _ in addresses], [value for _, value in addresses], list(purposes)],
    )
    found: dict[Address, set[str]] = {}
    for namespace, value, purpose in cursor.fetchall():
        found.setdefault((namespace, value), set()).add(purpose)
    return found
