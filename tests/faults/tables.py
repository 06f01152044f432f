"""What stands in a running product's tables, read past the product, and what is wrong with it."""

import time
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import psycopg2

from cdp.events.state import COLUMNS, COMPUTED
from cdp.runtime.places import Places
from tests.faults.crowd import Crowd, Person
from tests.product import Product

QUIET = (
    "select not exists (select from events_inboxbatch)"
    " and not exists (select from profiles_touched where reader = 'segments' or reader like 'segment:%')"
    " and not exists (select from segments_segment where is_stale and archived_at is null)"
)
EVENTS = "select message_id, count(*) from events_event where message_id like %s group by 1"
PEOPLE = (
    "select substr(r.key, 6), p.traits, s.name, s.n, s.sum, s.first_at, s.last_at from profiles_record r"
    " join profiles_profile p on p.id = r.profile_id and p.merged_into is null"
    " left join events_eventstate s on s.profile_id = p.id where r.key like %s"
)
APART = (
    "select count(*) from profiles_record u join profiles_record d on d.source_id = u.source_id"
    " and d.key = replace(replace(u.key, 'user:', 'anon:'), '-user-', '-device-')"
    " where u.key like %s and u.profile_id <> d.profile_id"
)
UNLIKE_COMPUTED = (
    f"with computed as ({COMPUTED.replace('where profile_id = any(%s)', '')}),"
    f" kept as (select {COLUMNS} from events_eventstate)"
    " select (select count(*) from (select * from computed except select * from kept) lacking)"
    " + (select count(*) from (select * from kept except select * from computed) extra)"
)
STRAYS = "select " + " + ".join(
    f"(select count(*) from {table} t join profiles_profile p on p.id = t.profile_id where p.merged_into is not null)"
    for table in ("profiles_record", "profiles_identifier", "events_event", "events_eventstate", "segments_membership")
)
MEMBERS = (
    "select substr(r.key, 6) from segments_membership m join segments_segment s on s.id = m.segment_id"
    " join profiles_record r on r.profile_id = m.profile_id where s.name = %s and r.key like %s"
)
NEWS_TWICE = (
    "select count(*) from (select kind, lag(kind) over (partition by segment_id, profile_id order by id) before"
    " from segments_membershipchange) news where kind = before"
)
SIZES_WRONG = (
    "select count(*) from segments_segment s where size <>"
    " (select count(*) from segments_membership m where m.segment_id = s.id)"
)
CLOCKS_BACK = (
    "select count(*) from (select at, lag(at) over (partition by segment_id order by id) before"
    " from segments_membershipchange) news where at < before"
)


@dataclass(frozen=True)
class Faults:
    """Of a crowd's messages, in numbers; all are 0 when each message had its effects once."""

    lost: int
    twice: int
    people_wrong: int
    devices_apart: int
    states_wrong: int
    strays: int
    members_wrong: int
    news_twice: int
    sizes_wrong: int
    clocks_back: int

    @property
    def found(self) -> dict[str, int]:
        return {name: n for name, n in asdict(self).items() if n}


@dataclass(frozen=True)
class Tables:
    product: Product

    @property
    def url(self) -> str:
        return Places.of(self.product.var).database_url

    def ask(self, sql: str, *values: Any) -> list[Any]:
        """A connection for each question: the servers come and go."""
        with closing(psycopg2.connect(self.url, connect_timeout=5)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def wait_until_quiet(self, *, within_s: float) -> float:
        """Seconds until everything that was taken in has had its effects."""
        started_s = time.monotonic()
        while True:
            try:
                if self.ask(QUIET)[0][0]:
                    return time.monotonic() - started_s
            except psycopg2.OperationalError:
                pass
            if time.monotonic() - started_s > within_s:
                raise AssertionError(f"events still wait after {within_s} s:\n{self.product.said()[-4000:]}")
            time.sleep(0.1)

    def faults(self, crowd: Crowd, *, acknowledged: set[str], segments: dict[str, set[str]]) -> Faults:
        """`segments` by name: the user ids that must be in it."""
        stored = self.stored(crowd)
        wanted = crowd.event_ids() & acknowledged
        return Faults(
            lost=len(wanted - stored.keys()),
            twice=sum(n - 1 for n in stored.values()),
            people_wrong=self._people_wrong(crowd),
            devices_apart=self.ask(APART, f"user:{crowd.tag}-%")[0][0],
            states_wrong=self.ask(UNLIKE_COMPUTED)[0][0],
            strays=self.ask(STRAYS)[0][0],
            members_wrong=sum(
                len(members ^ {user for (user,) in self.ask(MEMBERS, name, f"user:{crowd.tag}-%")})
                for name, members in segments.items()
            ),
            news_twice=self.ask(NEWS_TWICE)[0][0],
            sizes_wrong=self.ask(SIZES_WRONG)[0][0],
            clocks_back=self.ask(CLOCKS_BACK)[0][0],
        )

    def stored(self, crowd: Crowd) -> dict[str, int]:
        """Message id of each event → how often it is there."""
        return dict(self.ask(EVENTS, f"{crowd.tag}-%"))

    def _people_wrong(self, crowd: Crowd) -> int:
        held: dict[str, Person] = {}
        for user, traits, name, *state in self.ask(PEOPLE, f"user:{crowd.tag}-%"):
            person = held.setdefault(user, Person(traits))
            if name is not None:
                person.states[name] = (state[0], state[1], state[2], state[3])
        expected = crowd.people()
        return sum(held.get(user) != person for user, person in expected.items()) + len(held.keys() - expected.keys())
