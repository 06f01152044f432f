"""The one definition of revenue, order value and frequency, from `events_order`: net of what was given back.

- *net* of an order: its total less refunds; nothing once cancelled. A refund of an order that nobody
  reported is negative.
- an order *counts* while something of it stands: reported, not cancelled, not refunded in full.
- *order value*: the net revenue of orders that count, divided by their number.

Parts that write SQL use the upper-case fragments on a table aliased `o`; parts that read through Django use
the expressions. A test proves that both say the same.
"""

from django.db.models import BooleanField, Case, Count, DecimalField, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce

NET = "(case when o.is_cancelled then 0 else o.total - o.refunded end)"
COUNTS = "(o.ordered_at is not null and not o.is_cancelled and (o.refunded = 0 or o.refunded < o.total))"
REVENUE = f"coalesce(sum({NET}), 0)"
ORDERS = f"count(*) filter (where {COUNTS})"
ORDER_VALUE = f"avg({NET}) filter (where {COUNTS})"

_MONEY = DecimalField(max_digits=16, decimal_places=2)
_NOTHING = Value(0, output_field=_MONEY)

net = Case(When(is_cancelled=True, then=_NOTHING), default=F("total") - F("refunded"), output_field=_MONEY)
counts = Q(ordered_at__isnull=False, is_cancelled=False) & (Q(refunded=0) | Q(refunded__lt=F("total")))
is_counted = Case(When(counts, then=True), default=False, output_field=BooleanField())
revenue = Coalesce(Sum(net), _NOTHING, output_field=_MONEY)
orders = Count("order_id", filter=counts)
