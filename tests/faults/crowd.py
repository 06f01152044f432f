"""Messages of known content, and what must be known of their people once all of them have taken effect.

Each person browses with a device, names himself sooner or later, and does things of known worth. Everyone's
e-mail address and phone number is a canary: it may stand in the database and nowhere else.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

NAMES = ("Product Viewed", "Product Added", "Product Searched", "Wishlist Filled", "Video Played")
PLANS = ("free", "plus", "pro")
BATCH = 100
APART = timedelta(milliseconds=10)
CANARY = "@canary.example"
PHONE_CANARY = "+4915599"


@dataclass
class Person:
    """`states` by event name: how many, their sum, the first and the last."""

    traits: dict[str, Any] = field(default_factory=dict)
    states: dict[str, tuple[int, Decimal, datetime, datetime]] = field(default_factory=dict)


@dataclass(frozen=True)
class Crowd:
    """`tag` keeps the people and message ids of two crowds apart; two alike give the same messages."""

    tag: str
    n_messages: int
    n_people: int
    until: datetime

    def messages(self) -> Iterator[dict[str, Any]]:
        """In an order that has nothing to do with time."""
        draw = random.Random(self.tag)
        order = list(range(self.n_messages))
        draw.shuffle(order)
        return map(self.message, order)

    def message(self, index: int) -> dict[str, Any]:
        turn, number = divmod(index, self.n_people)
        user, device = f"{self.tag}-user-{number}", f"{self.tag}-device-{number}"
        head = {"messageId": f"{self.tag}-{index}", "timestamp": self.at(index).isoformat()}
        if turn % 5 == 1:
            return {**head, "type": "identify", "userId": user, "anonymousId": device, "traits": self.traits(index)}
        who = {0: {"anonymousId": device}, 3: {"userId": user, "anonymousId": device}}.get(turn % 5, {"userId": user})
        event = {"type": "track", "event": self.name(index), "properties": {"value": self.value(index)}}
        return {**head, **who, **event}

    def traits(self, index: int) -> dict[str, Any]:
        number = index % self.n_people
        return {
            "plan": PLANS[(index * 7 // self.n_people + number) % 3],
            "email": f"{self.tag}-{number}{CANARY}",
            "phone": f"{PHONE_CANARY}{number:06d}",
        }

    def name(self, index: int) -> str:
        return NAMES[index * 31 // self.n_people % 5 if index % 3 else index % 5]

    def value(self, index: int) -> int:
        return 1 + index % 97

    def at(self, index: int) -> datetime:
        return self.until - APART * (self.n_messages - index)

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        batch = []
        for message in self.messages():
            batch.append(message)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def event_ids(self) -> set[str]:
        return {f"{self.tag}-{index}" for index in range(self.n_messages) if index // self.n_people % 5 != 1}

    def people(self) -> dict[str, Person]:
        """By user id, computed in the plainest way there is: one message after the other, oldest first."""
        found: dict[str, Person] = {}
        for index in range(self.n_messages):
            turn, number = divmod(index, self.n_people)
            person = found.setdefault(f"{self.tag}-user-{number}", Person())
            if turn % 5 == 1:
                person.traits |= self.traits(index)
                continue
            at, value, name = self.at(index), Decimal(self.value(index)), self.name(index)
            n, total, first, _ = person.states.get(name, (0, Decimal(0), at, at))
            person.states[name] = (n + 1, total + value, first, at)
        return found
