"""The inbox, the event store and what is known about events."""

from django.db import models


class InboxBatch(models.Model):
    """One tracking request as received, durable before its 200. Claimed and deleted by the pipeline."""

    class Lane(models.TextChoices):
        LIVE = "live"
        BULK = "bulk"

    source_id = models.BigIntegerField()
    lane = models.CharField(max_length=4, choices=Lane.choices, default=Lane.LIVE)
    call = models.CharField(max_length=12)
    """`batch`, or the type of the single call: track, identify, page, screen, group, alias."""
    body = models.BinaryField()
    """JSON, decompressed, otherwise byte for byte as received."""
    refused = models.JSONField(null=True)
    """Index in the batch → reason, for events the collector refused; the pipeline quarantines them."""
    meta = models.JSONField(default=dict)
    """Transport facts: ip, user_agent, gpc, sent_at."""
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["lane", "id"], name="inbox_by_lane")]  # the claim, oldest first

    def __str__(self) -> str:
        return f"{self.call} {self.pk}"


class SeenMessage(models.Model):
    """Message ids already taken in: each has its effects exactly once."""

    pk = models.CompositePrimaryKey("source_id", "message_id")
    source_id = models.BigIntegerField()
    message_id = models.TextField()
    body_hash = models.BigIntegerField()
    seen_at = models.DateTimeField(null=True)
    """Null for imports: those keys never expire."""

    class Meta:
        managed = False
        db_table = "events_seenmessage"

    def __str__(self) -> str:
        return self.message_id


class RejectedMessage(models.Model):
    """The quarantine: a message that was not taken in, why, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        REPLAYED = "replayed", "Replayed"
        DROPPED = "dropped", "Dropped"

    source_id = models.BigIntegerField()
    body = models.BinaryField()
    call = models.CharField(max_length=12)
    name = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    """`shape`, `size`, `characters`, `depth`, `plan`, `consent`, `duplicate`, `error`."""
    reason = models.TextField()
    meta = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    rejected_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="rejected_newest")]  # the quarantine page

    def __str__(self) -> str:
        return self.reason


class Event(models.Model):
    """What a person did. Partitioned by month of occurred_at; see migration 0002.

    Message ids are unique within a source: the key has both, so that one message sent to two sources is two events.
    """

    pk = models.CompositePrimaryKey("profile_id", "occurred_at", "message_id", "source_id")
    profile_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    message_id = models.TextField()
    record_id = models.BigIntegerField()
    name = models.TextField()
    item_id = models.TextField(null=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """In the reporting currency; an order's total, negative for refunds and cancellations."""
    properties = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    source_id = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "events_event"

    def __str__(self) -> str:
        return self.name


class EventItem(models.Model):
    """One product line of an order (or of another event with products)."""

    pk = models.CompositePrimaryKey("profile_id", "occurred_at", "message_id", "source_id", "line")
    profile_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    message_id = models.TextField()
    source_id = models.BigIntegerField()
    line = models.IntegerField()
    record_id = models.BigIntegerField()
    name = models.TextField()
    item_id = models.TextField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        managed = False
        db_table = "events_eventitem"

    def __str__(self) -> str:
        return self.item_id


class EventState(models.Model):
    """Per profile and event name: how often, how much, first and last. Kept by the pipeline."""

    pk = models.CompositePrimaryKey("profile_id", "name")
    profile_id = models.BigIntegerField()
    name = models.TextField()
    n = models.BigIntegerField()
    valued = models.BigIntegerField(default=0)
    """How many of them have a value."""
    sum = models.DecimalField(max_digits=16, decimal_places=2)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "events_eventstate"

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """One order of a person, net of what was refunded or cancelled. Kept by the pipeline.

    The order id is the business's own: two sources that report the same order report one order.
    """

    pk = models.CompositePrimaryKey("profile_id", "order_id")
    profile_id = models.BigIntegerField()
    order_id = models.TextField()
    record_id = models.BigIntegerField()
    ordered_at = models.DateTimeField(null=True)
    """Null while only a refund or cancellation of it is known."""
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    refunded = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "events_order"

    def __str__(self) -> str:
        return self.order_id


class OrderReport(models.Model):
    """One message about an order. `Order` and the values of these events follow from all of them."""

    pk = models.CompositePrimaryKey("profile_id", "occurred_at", "message_id", "source_id")
    profile_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    message_id = models.TextField()
    source_id = models.BigIntegerField()
    record_id = models.BigIntegerField()
    order_id = models.TextField()
    kind = models.TextField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """As said, in the reporting currency, not negative."""
    refund_id = models.TextField()
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """What the report is worth among all of its order: also its event's value."""

    class Meta:
        managed = False
        db_table = "events_orderreport"

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class Item(models.Model):
    """A product of the catalogue."""

    id = models.TextField(primary_key=True)
    name = models.TextField(blank=True)
    category = models.TextField(blank=True)
    brand = models.TextField(blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    image_url = models.URLField(max_length=1000, blank=True)
    is_in_stock = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["category"], name="item_by_category")]  # category pickers, rules

    def __str__(self) -> str:
        return self.name or self.id


class ItemAlias(models.Model):
    """What a source calls an item, where that is not the catalogue's id."""

    source_id = models.BigIntegerField()
    alias = models.TextField()
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_id", "alias"], name="item_alias")]

    def __str__(self) -> str:
        return self.alias


class ExchangeRate(models.Model):
    """One unit of the currency in the reporting currency, from that day on."""

    currency = models.CharField(max_length=3)
    valid_on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["currency", "valid_on"], name="exchange_rate_day")]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_on}"


class EventSchema(models.Model):
    """The tracking plan: the JSON Schema of an event's properties; source null means every source."""

    source = models.ForeignKey("accounts.Source", null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    schema = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="event_schema", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.name


class ShapeSeen(models.Model):
    """Names, volumes and property types of one drained batch. A queue: folded into the three tables
    below by one reader, because workers that added to shared counters would wait for each other."""

    source_id = models.BigIntegerField()
    name = models.TextField()
    on = models.DateField()
    n = models.IntegerField()
    properties = models.JSONField(default=dict)
    """Property → type → count."""
    violations = models.IntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class EventVolume(models.Model):
    source_id = models.BigIntegerField()
    name = models.TextField()
    on = models.DateField()
    n = models.BigIntegerField()
    violations = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "source_id", "on"], name="event_volume_day")]

    def __str__(self) -> str:
        return self.name


class EventProperty(models.Model):
    source_id = models.BigIntegerField()
    name = models.TextField()
    property = models.TextField()
    type = models.CharField(max_length=10)
    n = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "source_id", "property", "type"], name="event_property_type")
        ]

    def __str__(self) -> str:
        return self.property
