"""How many mails came how far. docs/results.md says what each number means."""

from collections import Counter
from dataclasses import dataclass, field, fields
from decimal import Decimal

from campaigns.delivery_models import Delivery
from campaigns.results.rates import Rate

State = Delivery.State
MARKS = (
    ("bounced", "d.bounced_at is not null"),
    ("opened", "d.opened_at is not null"),
    ("machine_opened", "d.opened_at is null and d.machine_opened_at is not null"),
    ("clicked", "d.clicked_at is not null"),
    ("machine_clicked", "d.clicked_at is null and d.machine_clicked_at is not null"),
    ("unsubscribed", "d.unsubscribed_at is not null"),
    ("complained", "d.complained_at is not null"),
    ("converted", "d.converted_at is not null"),
)
"""What may have become of a mail, as SQL on the ledger `d`."""
COLUMNS = "count(*), " + ", ".join(f"count(*) filter (where {sql})" for _, sql in MARKS)
"""What `Counts.add` takes, after state and reason."""


@dataclass
class Counts:
    """Of some mails: of a campaign, a variant, an hour. `orders` and `revenue` are of their conversions."""

    planned: int = 0
    """Everybody who was to get one; those held out and skipped too."""
    waiting: int = 0
    sent: int = 0
    """Taken by the mail server, the provider or the mailbox."""
    failed: int = 0
    unknown: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """By reason."""
    bounced: int = 0
    opened: int = 0
    machine_opened: int = 0
    """Opened by machines only."""
    clicked: int = 0
    machine_clicked: int = 0
    unsubscribed: int = 0
    complained: int = 0
    converted: int = 0
    """Mails with at least one order."""
    orders: int = 0
    revenue: Decimal = Decimal(0)

    def add(self, state: str, reason: str, n: int, *marks: int) -> None:
        """`marks` in the order of MARKS."""
        self.planned += n
        if state == State.SKIPPED:
            self.skipped[reason] += n
        elif state == State.ACCEPTED:
            self.sent += n
        elif state == State.FAILED:
            self.failed += n
        elif state == State.UNKNOWN:
            self.unknown += n
        else:
            self.waiting += n
        for (name, _), more in zip(MARKS, marks, strict=True):
            setattr(self, name, getattr(self, name) + more)

    def earn(self, orders: int, revenue: Decimal) -> None:
        self.orders += orders
        self.revenue += revenue

    def merge(self, other: "Counts") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def delivered(self) -> int:
        """Sent, and not come back."""
        return max(self.sent - self.bounced, 0)

    @property
    def got_nothing(self) -> int:
        return sum(self.skipped.values())

    @property
    def per_recipient(self) -> Decimal | None:
        return self.revenue / self.delivered if self.delivered else None

    @property
    def open_rate(self) -> Rate:
        return Rate(self.opened, self.delivered)

    @property
    def click_rate(self) -> Rate:
        return Rate(self.clicked, self.delivered)

    @property
    def order_rate(self) -> Rate:
        return Rate(self.converted, self.delivered)

    @property
    def unsubscribe_rate(self) -> Rate:
        return Rate(self.unsubscribed, self.delivered)

    @property
    def complaint_rate(self) -> Rate:
        return Rate(self.complained, self.delivered)

    @property
    def bounce_rate(self) -> Rate:
        return Rate(self.bounced, self.sent)
