"""The API of results: the numbers of one campaign."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.results.counts import Counts
from campaigns.results.figures import results_of
from campaigns.results.rates import Rate
from cdp.common.api import StrictView
from cdp.common.api_schema import TEXT, TIME, errors, obj
from identity.api.parts import number_or_404

COUNT: dict[str, Any] = {"type": "integer"}
MONEY: dict[str, Any] = {"type": "number"}
MAYBE: dict[str, Any] = {"type": ["number", "null"]}
RATE = obj(share=MAYBE, low=MAYBE, high=MAYBE) | {"description": "Of delivered, with its interval of 95 % (Wilson)."}
PLAIN = (
    "planned",
    "waiting",
    "sent",
    "delivered",
    "failed",
    "unknown",
    "bounced",
    "opened",
    "machine_opened",
    "clicked",
    "machine_clicked",
    "converted",
    "unsubscribed",
    "complained",
    "orders",
)
RATES = ("open_rate", "click_rate", "order_rate", "unsubscribe_rate", "complaint_rate")
COUNTS = dict.fromkeys(PLAIN, COUNT) | dict.fromkeys(RATES, RATE) | {"revenue": MONEY, "per_recipient": MAYBE}
PART = obj(key=TEXT, name=TEXT, **COUNTS)
RESULTS = obj(
    campaign=COUNT,
    currency=TEXT,
    **COUNTS,
    skipped={"type": "object", "additionalProperties": COUNT, "description": "By reason."},
    cost=obj(making=MAYBE, messages=MAYBE, total=MONEY),
    discounts=MONEY | {"description": "Given by its offers; already taken off the revenue."},
    profit=MAYBE | {"description": "Revenue less cost."},
    roi=MAYBE | {"description": "Profit by the cost and the discounts together; null where `remarks` says why."},
    remarks={"type": "array", "items": TEXT},
    variants={"type": "array", "items": PART},
    arms={"type": "array", "items": PART},
    occurrences={"type": "array", "items": obj(key=TEXT, at=TIME, **COUNTS)},
)


class CampaignResults(StrictView):
    scope = "campaigns:read"

    @extend_schema(
        operation_id="campaigns_results",
        summary="What became of a campaign: mails, clicks, orders, cost; by variant, hour and occurrence",
        tags=["campaigns"],
        responses={200: RESULTS, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        campaign = Campaign.objects.filter(pk=number_or_404(number)).first()
        if campaign is None:
            raise NotFound("There is no such campaign.")
        return Response(said(campaign))


def said(campaign: Campaign) -> dict[str, Any]:
    found = results_of(campaign)
    money = found.money
    return {
        "campaign": campaign.pk,
        "currency": settings.REPORTING_CURRENCY,
        **_counts(found.counts),
        "skipped": dict(found.counts.skipped),
        "cost": {"making": money.making, "messages": money.messages, "total": money.cost},
        "discounts": money.discounts,
        "profit": money.profit,
        "roi": money.roi,
        "remarks": money.remarks,
        "variants": [{"key": one.key, "name": one.name, **_counts(one.counts)} for one in found.variants],
        "arms": [{"key": one.key, "name": one.name, **_counts(one.counts)} for one in found.arms],
        "occurrences": [{"key": one.key, "at": one.at, **_counts(one.counts)} for one in found.occurrences],
    }


def _counts(counts: Counts) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(counts, name) for name in (*PLAIN, "revenue", "per_recipient")}
    return told | {name: _rate(getattr(counts, name)) for name in RATES}


def _rate(rate: Rate) -> dict[str, float | None]:
    low, high = rate.interval or (None, None)
    return {"share": rate.share, "low": low, "high": high}
