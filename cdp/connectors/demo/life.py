"""One person's year with the shop, told as messages: visits, orders, returns, mails, tickets."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from cdp.connectors.demo import mails, records
from cdp.connectors.demo.catalogue import Catalogue
from cdp.connectors.demo.interest import Year, keenness
from cdp.connectors.demo.people import Kind, Person
from cdp.connectors.demo.season import DAYS, at_local, draw_days, poisson, visiting_hour
from cdp.connectors.demo.visits import Visit, steps
from cdp.connectors.demo.voice import CRM, SHOP, WEB, Voice, Who

TICKETS = (("delivery", 4), ("return", 3), ("product", 2), ("payment", 1))
OLD_ORDER_EUR = 60.0
"""What an order before the year began was worth, for the loyalty tier."""

RESEARCHES = 0.45
"""Share of orders that an earlier visit prepares."""
RETHINKS = 0.12
"""Share of account holders who change what they allow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When someone comes, and whether to buy."""

    at: datetime
    on: date
    buys: bool
    mail: mails.Mail | None = None


@dataclass
class Life:
    """What has come about so far. `out` collects the messages."""

    person: Person
    catalogue: Catalogue
    year: Year
    out: Voice
    rng: Random
    spent: float = 0.0
    """Before the year began."""
    bought: list[tuple[datetime, float]] = field(default_factory=list)
    orders: int = 0
    has_account: bool = False
    guest: Who | None = None
    returned_at: list[datetime] = field(default_factory=list)

    def tell(self) -> None:
        """All of it, in an order in which each part knows what it needs of the others."""
        entry = records.enter_in_crm(self.person, self._entered_at(), self.out, self.rng)
        if self._is_old_customer():
            years = (self.year.since - self.person.joined_at).days / DAYS
            self.spent = self.person.taste.pace * years * OLD_ORDER_EUR * self.rng.uniform(0.6, 1.2)
            self._open_account(self.person.joined_at)
        plans = self._plans() if self.person.kind is not Kind.CRM else []
        for plan in plans:
            self._visit(plan)
        clicks = self._mail_year(entry)
        if self.person.kind is not Kind.CRM:
            for clicked_at, mail in clicks:
                if clicked_at <= self.year.until:
                    buys = self.person.kind is not Kind.VISITOR and self.rng.random() < 0.06
                    self._visit(Plan(clicked_at + timedelta(seconds=3), clicked_at.date(), buys, mail))
        self._tickets(entry[0] if entry else None)
        if self.has_account:
            self._rise()
        if self.has_account and self.rng.random() < RETHINKS:
            active = max(self.person.joined_at, self.year.since)
            at = active + (self.year.until - active) * self.rng.random()
            records.rethink(self.person, at, self.person.devices[0], self.out)

    def _entered_at(self) -> datetime:
        since = max(self.person.joined_at, self.year.since - timedelta(days=200))
        return min(since + timedelta(days=self.rng.uniform(0, 60)), self.year.until - timedelta(hours=1))

    def _is_old_customer(self) -> bool:
        return self.person.kind is Kind.ACCOUNT and self.person.joined_at < self.year.since

    def _plans(self) -> list[Plan]:
        """Visits with and without an order, by interest and season; the person's own hours."""
        sums = keenness(self.person, self.year)
        share = sums[-1] / DAYS
        days, plans = self.year.days, []
        n_orders = 0 if self.person.kind is Kind.VISITOR else poisson(self.person.taste.pace * share, self.rng)
        n_visits = poisson(self.person.taste.visits * share, self.rng)
        for n, buys in ((n_orders, True), (n_visits, False)):
            for index in draw_days(sums, n, self.rng):
                hour = visiting_hour(self.person.taste.hour, self.rng)
                at = at_local(days[index], hour, self.person.zone)
                plans += self._with_research(Plan(at, days[index], buys))
        since = max(self.person.joined_at, self.year.since)
        plans = [plan for plan in plans if plan.at >= since]
        return sorted(plans, key=lambda plan: plan.at)

    def _with_research(self, plan: Plan) -> list[Plan]:
        """Many look around some days before they buy: recent visits announce orders."""
        if not plan.buys or self.rng.random() > RESEARCHES:
            return [plan]
        earlier = timedelta(days=self.rng.uniform(0.6, 7))
        return [Plan(plan.at - earlier, (plan.at - earlier).date(), buys=False), plan]

    def _visit(self, plan: Plan) -> None:
        person, rng = self.person, self.rng
        shared = person.household.device
        device = shared if shared and rng.random() < 0.3 else rng.choice(person.devices)
        wants_account = person.kind is Kind.ACCOUNT and not self.has_account
        if wants_account and (plan.buys or rng.random() < 0.25):
            self._open_account(plan.at, device)
        is_known = self.has_account and (plan.buys or rng.random() < 0.7)
        who = Who(person.user_id if is_known else "", device)
        order_id = f"T{person.number:05d}{self.orders:03d}" if plan.buys else ""
        visit = Visit(person, plan.on, order_id, mail_campaign(plan.mail))
        for step in steps(visit, self.catalogue, rng):
            at = plan.at + timedelta(seconds=step.after_s)
            if step.source == SHOP:
                self._order(at, device, step.body)
            elif person.consents.analytics:
                self.out.say(WEB, who, at, step.body)

    def _open_account(self, at: datetime, device: str = "") -> None:
        self.has_account = True
        records.open_account(self.person, at, device or self.person.devices[0], self.spent, self.out)

    def _order(self, at: datetime, device: str, body: dict[str, Any]) -> None:
        properties = body["properties"]
        self.orders += 1
        if at > self.year.until:
            return
        who = Who(self.person.user_id)
        if not self.has_account:
            who = records.order_as_guest(self.person, properties["order_id"], device, at, self.out, self.rng)
            self.guest = self.guest or who
        self.out.say(SHOP, who, at + timedelta(seconds=1), body)
        self.bought.append((at, properties["total"]))
        self._give_back(who, at, properties)

    def _rise(self) -> None:
        """The shop says so when an account reaches another loyalty tier."""
        spent = self.spent
        for at, total in sorted(self.bought):
            before, spent = records.tier(spent), spent + total
            if records.tier(spent) != before:
                traits = records.account_traits(self.person, self.person.joined_at, spent)
                del traits["createdAt"]
                self.out.identify(SHOP, Who(self.person.user_id), at + timedelta(seconds=5), traits)

    def _give_back(self, who: Who, at: datetime, order: dict[str, Any]) -> None:
        """Some orders are cancelled within the hour, some sent back, in whole or one product of them."""
        rng, order_id, total = self.rng, order["order_id"], order["total"]
        if rng.random() < 0.018:
            cancelled = {"order_id": order_id, "total": total, "currency": "EUR", "products": order["products"]}
            self.out.track(SHOP, who, "Order Cancelled", at + timedelta(minutes=rng.uniform(3, 60)), cancelled)
            return
        if rng.random() > self.person.taste.returning:
            return
        products = order["products"]
        sent_back = products if len(products) == 1 or rng.random() < 0.5 else [rng.choice(products)]
        amount = total if sent_back is products else min(_worth(sent_back), total)
        back_at = at + timedelta(days=rng.uniform(4, 24))
        refund = {"order_id": order_id, "total": amount, "currency": "EUR", "products": sent_back}
        self.out.track(SHOP, who, "Order Refunded", back_at, refund)
        self.returned_at.append(back_at)

    def _mail_year(self, entry: tuple[Who, str] | None) -> tuple[tuple[datetime, mails.Mail], ...]:
        """Mails go to the account, else to the first guest order, else to the entry in the CRM."""
        person = self.person
        if not person.consents.email:
            return ()
        if self.has_account:
            source, who, email = SHOP, Who(person.user_id), person.email
        elif self.guest is not None:
            source, who, email = SHOP, self.guest, person.email
        elif person.kind is Kind.CRM and entry is not None and entry[1]:
            source, (who, email) = CRM, entry
        else:
            return ()
        subscribed_at = max(self._first_fact_of(who), self.year.since)
        bounces = email not in (person.email, person.old_email) or self.rng.random() < 0.015
        reader = mails.Reader(person, source, who, email, subscribed_at, bounces)
        return mails.send_year(reader, self.year, self.out, self.rng).clicks

    def _first_fact_of(self, who: Who) -> datetime:
        times = (fact.at for fact in self.out.facts if fact.source != WEB and who.is_named_by(fact.message))
        return min(times, default=self.year.until)

    def _tickets(self, entry: Who | None) -> None:
        """Questions now and then, more of them about what was sent back."""
        who = entry or (Who(self.person.user_id) if self.has_account else None)
        if who is None:
            return
        asked_at = [at + timedelta(hours=self.rng.uniform(1, 60)) for at in self.returned_at if self.rng.random() < 0.4]
        for _ in range(poisson(0.12, self.rng)):
            active = max(self.person.joined_at, self.year.since)
            asked_at.append(active + (self.year.until - active) * self.rng.random())
        for number, at in enumerate(sorted(asked_at)):
            self._ticket(who, f"S{self.person.number:05d}{number}", at)

    def _ticket(self, who: Who, ticket_id: str, at: datetime) -> None:
        rng = self.rng
        topic = rng.choices([name for name, _ in TICKETS], weights=[weight for _, weight in TICKETS])[0]
        opened = {"ticket_id": ticket_id, "topic": topic, "channel": rng.choice(("email", "chat", "phone"))}
        self.out.track(CRM, who, "Support Ticket Opened", at, opened)
        satisfaction = rng.choices((1, 2, 3, 4, 5), weights=(8, 9, 18, 35, 30))[0]
        solved = {"ticket_id": ticket_id, "topic": topic, "satisfaction": satisfaction}
        self.out.track(CRM, who, "Support Ticket Solved", at + timedelta(hours=rng.expovariate(1 / 20)), solved)


def _worth(products: list[dict[str, float]]) -> float:
    return round(sum(product["price"] * product["quantity"] for product in products), 2)


def mail_campaign(mail: mails.Mail | None) -> dict[str, str] | None:
    return {"source": "newsletter", "medium": "email", "name": mail.campaign_id} if mail else None
