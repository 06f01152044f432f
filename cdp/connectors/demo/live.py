"""Live traffic: many people of the demo shop in it at the same time, one step each in turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from cdp.connectors.demo.catalogue import Catalogue
from cdp.connectors.demo.people import Kind, Person, device
from cdp.connectors.demo.records import consent_context
from cdp.connectors.demo.visits import Visit, steps
from cdp.connectors.demo.voice import SHOP, Who, iso

AT_ONCE = 25
BUYS = 0.12
IS_NEW = 0.2
"""Share of visitors whose browser was never seen before."""


@dataclass
class Crowd:
    """Endless messages. `run` makes their ids differ from those of every other run."""

    people: Sequence[Person]
    catalogue: Catalogue
    rng: Random
    run: str
    said: int = 0
    visits: int = 0

    def __post_init__(self) -> None:
        self._inside: list[Iterator[dict[str, Any]]] = []

    def say(self, n: int, *, now: datetime) -> list[dict[str, Any]]:
        """The next `n` messages, all of this moment."""
        while len(self._inside) < AT_ONCE:
            self._inside.append(self._visit(now))
        messages: list[dict[str, Any]] = []
        while len(messages) < n:
            place = self.rng.randrange(AT_ONCE)
            message = next(self._inside[place], None)
            if message is None:
                self._inside[place] = self._visit(now)
                continue
            self.said += 1
            messages.append(message | {"messageId": f"live-{self.run}-{self.said}", "timestamp": iso(now)})
        return messages

    def _visit(self, now: datetime) -> Iterator[dict[str, Any]]:
        """One visit from beginning to end, by somebody who may be tracked."""
        person = self.rng.choice(self.people)
        while person.kind is Kind.CRM or not person.consents.analytics:
            person = self.rng.choice(self.people)
        self.visits += 1
        is_new = self.rng.random() < IS_NEW
        browser = device(self.rng) if is_new else self.rng.choice(person.devices)
        buys = person.kind is not Kind.VISITOR and self.rng.random() < BUYS
        who = Who(person.user_id if person.kind is Kind.ACCOUNT and (buys or not is_new) else "", browser)
        order_id = f"L{self.run}{self.visits}" if buys else ""
        yield from self._told(Visit(person, now.date(), order_id), who)

    def _told(self, visit: Visit, who: Who) -> Iterator[dict[str, Any]]:
        for step in steps(visit, self.catalogue, self.rng):
            if step.source == SHOP and not who.user_id:
                yield _named(_introduction(visit.person), who)
            yield _named(step.body, who)


def _named(message: dict[str, Any], who: Who) -> dict[str, Any]:
    who.name(message)
    return message


def _introduction(person: Person) -> dict[str, Any]:
    """What a guest types at the checkout."""
    traits = {"email": person.email, "firstName": person.first_name, "lastName": person.last_name}
    return {"type": "identify", "traits": traits, "context": consent_context(person.consents)}
