"""What an address can choose, and what it chose: of the page that people reach from their mails."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cdp.privacy.consent import Address, Word, current, record_consents
from cdp.privacy.models import Purpose, Suppression, Topic
from cdp.privacy.opt_in import take_back
from cdp.privacy.suppression import suppress

HOW = "preference page"


@dataclass(frozen=True)
class Choice:
    topic: Topic
    is_chosen: bool


@dataclass(frozen=True)
class Choices:
    """By purpose, in the order of their names."""

    purposes: Sequence[tuple[Purpose, Sequence[Choice]]]
    has_left_all: bool
    """Nothing is sent to the address any more, whatever it chose."""
    is_final: bool
    """… and only the shop can change that: it bounced, or complained."""

    @property
    def topics(self) -> list[Topic]:
        return [one.topic for _, choices in self.purposes for one in choices]


def choices_of(address: Address) -> Choices:
    """A topic counts as chosen if the address said yes to it, or to its purpose and nothing of the topic."""
    namespace, value = address
    topics = Topic.objects.filter(is_offered=True).select_related("purpose").order_by("purpose__name", "name")
    found: dict[Purpose, list[Choice]] = {}
    for topic in topics:
        words = [
            current(namespace, [value], purpose=topic.purpose.key, topic=key).get(value) for key in (topic.key, "")
        ]
        is_chosen = words[1] is not False and (words[0] if words[0] is not None else bool(words[1]))
        found.setdefault(topic.purpose, []).append(Choice(topic, is_chosen))
    stopped = Suppression.objects.filter(namespace=namespace, value=value).first()
    is_final = stopped is not None and stopped.reason != Suppression.Reason.UNSUBSCRIBE
    return Choices(tuple(found.items()), has_left_all=stopped is not None, is_final=is_final)


def choose(address: Address, chosen: Collection[str], *, now: datetime) -> dict[str, bool]:
    """The keys of the topics wanted; the other offered ones are refused. What was said before and is said again adds
    nothing. Returns what changed: topic → yes or no."""
    with transaction.atomic(), connection.cursor() as cursor:
        before = choices_of(address)
        changed = {
            one.topic: one.topic.key in chosen
            for _, some in before.purposes
            for one in some
            if one.is_chosen != (one.topic.key in chosen)
        }
        words = [_word(address, topic.purpose, topic.key, is_granted=yes, now=now) for topic, yes in changed.items()]
        # Who said no to a whole purpose and now wants one topic of it: the no would stand above the yes.
        wanted = {topic.purpose for topic, yes in changed.items() if yes}
        for purpose in wanted:
            if current(address[0], [address[1]], purpose=purpose.key).get(address[1]) is False:
                words.append(_word(address, purpose, "", is_granted=True, now=now))
                others = [topic for topic in purpose.topics.all() if topic.key not in chosen]
                words += [_word(address, purpose, topic.key, is_granted=False, now=now) for topic in others]
        record_consents(cursor, words, now=now)
        if chosen:
            take_back(address, now=now)
    return {topic.key: yes for topic, yes in changed.items()}


def leave_all(address: Address, *, note: str, now: datetime) -> None:
    """Nothing more, whatever was chosen; the choices stay, for who comes back."""
    suppress([address], reason=Suppression.Reason.UNSUBSCRIBE, note=note, now=now)


def _word(address: Address, purpose: Purpose, topic: str, *, is_granted: bool, now: datetime) -> Word:
    return Word(*address, purpose.key, topic, is_granted=is_granted, at=now, source_id=None, how=HOW)
