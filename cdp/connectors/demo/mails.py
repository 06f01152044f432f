"""A year of the shop's e-mails: sent at many hours, opened at the reader's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from cdp.connectors.demo.interest import MAIL_FADES_BEFORE_DAYS, Year, interest
from cdp.connectors.demo.people import Habit, Person
from cdp.connectors.demo.season import at_local
from cdp.connectors.demo.voice import Voice, Who, iso

SEND_HOURS = (7, 10, 13, 16, 19, 21)
"""The shop tries different hours, so that each reader's own can be found out."""
EVERY_DAYS = 14
SUBJECTS = {
    "newsletter": ("New in the shop", "Made by hand", "Stories from our makers", "What our readers love"),
    "offers": ("20 % off this weekend", "Sale: last pieces", "A little something off", "Offers of the week"),
    "birthday": ("Happy birthday!",),
}
READ_SIZE = 1.5
"""Standard deviation, in hours, of when someone reads around their own hour."""
LEAVES = 0.006
"""Chance per mail that someone unsubscribes, for those whose interest has faded ten times that."""


@dataclass(frozen=True, slots=True)
class Mail:
    on: date
    topic: str
    number: int

    @property
    def campaign_id(self) -> str:
        return f"{self.topic}-{self.on:%Y-%m-%d}" if self.topic != "birthday" else f"birthday-{self.on.year}"

    @property
    def subject(self) -> str:
        return SUBJECTS[self.topic][self.number % len(SUBJECTS[self.topic])]


@dataclass(frozen=True)
class Reader:
    """Whose mailbox, as which record of which source, and whether the address is any good."""

    person: Person
    source: str
    who: Who
    email: str
    subscribed_at: datetime
    bounces: bool


@dataclass(frozen=True)
class Read:
    """What came of a year of mails."""

    clicks: tuple[tuple[datetime, Mail], ...]
    unsubscribed_at: datetime | None


def send_year(reader: Reader, year: Year, voice: Voice, rng: Random) -> Read:
    """Delivers, opens and clicks until they unsubscribe or the address turns out to be dead."""
    clicks = []
    for mail in calendar(reader, year):
        hour = rng.choice(SEND_HOURS)
        sent_at = at_local(mail.on, hour + rng.random() / 6, reader.person.zone)
        if sent_at < reader.subscribed_at:
            continue
        if reader.bounces:
            voice.track(reader.source, reader.who, "Email Bounced", sent_at, facts(mail, reader))
            break
        voice.track(reader.source, reader.who, "Email Delivered", sent_at, facts(mail, reader))
        clicked_at = _read(reader, mail, sent_at, hour, voice, rng)
        if clicked_at is not None:
            clicks.append((clicked_at, mail))
        fondness = interest(reader.person, mail.on, ahead_days=MAIL_FADES_BEFORE_DAYS)
        if rng.random() < LEAVES * (1 + 10 * (1 - fondness)):
            return Read(tuple(clicks), _unsubscribe(reader, mail, sent_at, voice, rng))
    return Read(tuple(clicks), None)


def calendar(reader: Reader, year: Year) -> Iterator[Mail]:
    """Newsletter and offers in turn every fortnight, and a greeting on the birthday."""
    topics = reader.person.consents.topics
    born_on = reader.person.born_on
    for index, on in enumerate(year.days):
        topic = ("newsletter", "offers")[index // EVERY_DAYS % 2]
        if index % EVERY_DAYS == 3 and topic in topics:
            yield Mail(on, topic, index // EVERY_DAYS)
        if on.day == born_on.day and on.month == born_on.month and "birthday" in topics:
            yield Mail(on, "birthday", 0)


def facts(mail: Mail, reader: Reader) -> dict[str, str]:
    return {
        "campaign_id": mail.campaign_id,
        "campaign_name": mail.subject,
        "email_id": f"{mail.campaign_id}-{reader.person.number}",
        "email_subject": mail.subject,
        "topic": mail.topic,
    }


def open_chance(reader: Reader, mail: Mail, hour: float) -> float:
    """Fondness of mails and of this topic, less the later in the reader's day it comes to lie."""
    person = reader.person
    fondness = interest(person, mail.on, ahead_days=MAIL_FADES_BEFORE_DAYS)
    habit = person.taste.habit
    liked = {"birthday": 1.4, "offers": 1.35 if habit is Habit.BARGAIN else 0.85}.get(mail.topic, 1.0)
    waits_h = (person.taste.hour - hour) % 24
    return min(0.95, person.taste.opens * fondness * liked * (1.15 - 0.45 * waits_h / 24))


def _read(reader: Reader, mail: Mail, sent_at: datetime, hour: int, voice: Voice, rng: Random) -> datetime | None:
    """Opens it or not, clicks or not; when they clicked."""
    if rng.random() > open_chance(reader, mail, hour):
        return None
    opened_at = _opened_at(reader, sent_at, hour, rng)
    voice.track(reader.source, reader.who, "Email Opened", opened_at, facts(mail, reader))
    if rng.random() > (0.3 if mail.topic != "newsletter" else 0.2):
        return None
    clicked_at = opened_at + timedelta(seconds=rng.uniform(10, 400))
    link = {"link_id": "main", "link_url": f"https://shop.example/?utm_campaign={mail.campaign_id}"}
    voice.track(reader.source, reader.who, "Email Link Clicked", clicked_at, facts(mail, reader) | link)
    return clicked_at


def _opened_at(reader: Reader, sent_at: datetime, hour: int, rng: Random) -> datetime:
    """Mostly at the reader's own hour, the next time it comes; sometimes just when it arrived or at any time."""
    chance = rng.random()
    if chance < 0.15:
        return sent_at + timedelta(hours=rng.expovariate(1.0))
    if chance < 0.3:
        return sent_at + timedelta(hours=rng.uniform(0.1, 30))
    waits_h = (reader.person.taste.hour + rng.gauss(0, READ_SIZE) - hour) % 24
    days_later = rng.choices((0, 1, 2), weights=(86, 10, 4))[0]
    return sent_at + timedelta(days=days_later, hours=max(0.05, waits_h))


def _unsubscribe(reader: Reader, mail: Mail, sent_at: datetime, voice: Voice, rng: Random) -> datetime:
    """Half leave the topic only, half all of the shop's mails; here both end the mails."""
    at = sent_at + timedelta(hours=rng.uniform(0.1, 20))
    consent = (
        {"topicPreferences": {mail.topic: False}}
        if rng.random() < 0.5
        else {"categoryPreferences": {"email_marketing": False}}
    )
    body = {
        "type": "track",
        "event": "Unsubscribed",
        "properties": facts(mail, reader) | {"unsubscribed_at": iso(at)},
        "context": {"traits": {"email": reader.email}, "consent": consent},
    }
    voice.say(reader.source, reader.who, at, body)
    return at
