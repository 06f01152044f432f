"""The list of offers, the page of one, and the people who were given it or used it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers import words
from campaigns.offers.figures import charts_of, counts_of, figures_of, warnings_of
from campaigns.offers.forms import OffersFilter
from campaigns.offers.person import shown_code
from campaigns.offers.upload import latest_open
from campaigns.offers.uses import uses_of
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, Page, page_of
from cdp.profiles.naming import people as named

LATEST = 10


@needs("view_campaigns")
def offers(request: SignedIn) -> HttpResponse:
    form, now, zone = OffersFilter(request.GET), utc_now(), deployment_zone()
    page = _page(form.found(now=now), ("-created_at", "-id"), request)
    counts = counts_of(page.rows)
    lines = [
        {
            "offer": one,
            "state": words.state(one, now=now),
            "sentence": words.sentence(one, zone=zone),
            "left": counts[one.pk][0],
            "used": counts[one.pk][1],
        }
        for one in page.rows
    ]
    context = {"form": form, "page": page, "lines": lines, "has_any": bool(lines) or Offer.objects.exists()}
    return render(request, "campaigns/offers/offers.html", context)


@needs("view_campaigns")
def offer(request: SignedIn, pk: int) -> HttpResponse:
    found, now, zone = get_object_or_404(Offer, pk=pk), utc_now(), deployment_zone()
    figures, uses = figures_of(found), uses_of(found)
    latest = list(_redeemed(found).order_by("-at", "-id")[:LATEST])
    context = {
        **_head(found),
        "sentence": words.sentence(found, zone=zone),
        "what": words.what(found),
        "whom": words.for_whom(found),
        "figures": figures,
        "uses": uses,
        "warnings": warnings_of(found, figures, uses, now=now, zone=zone),
        "charts": charts_of(found, now=now, zone=zone, currency=settings.REPORTING_CURRENCY),
        "currency": settings.REPORTING_CURRENCY,
        "lines": _with_people(latest, shows_codes=request.user.may("edit_campaigns")),
        "upload": latest_open(found),
    }
    return render(request, "campaigns/offers/offer.html", context)


@needs("view_campaigns")
def given(request: SignedIn, pk: int) -> HttpResponse:
    """Who was given it, the latest first."""
    found = get_object_or_404(Offer, pk=pk)
    used = OfferRedemption.objects.filter(given=OuterRef("pk"), is_taken_back=False)
    rows = OfferCode.objects.handed_out(found).annotate(is_used=Exists(used))
    page = _page(rows, ("-given_at", "-id"), request)
    known = named([row.profile_id for row in page.rows if row.profile_id])
    shows = request.user.may("edit_campaigns")
    lines = [(row, known.get(row.profile_id or 0), shown_code(row.code, shows=shows)) for row in page.rows]
    context = {**_head(found), "page": page, "lines": lines}
    return render(request, "campaigns/offers/given.html", context)


@needs("view_campaigns")
def redeemed(request: SignedIn, pk: int) -> HttpResponse:
    """Who used it, the latest first."""
    found = get_object_or_404(Offer, pk=pk)
    page = _page(_redeemed(found), ("-at", "-id"), request)
    lines = _with_people(page.rows, shows_codes=request.user.may("edit_campaigns"))
    context = {**_head(found), "page": page, "lines": lines, "currency": settings.REPORTING_CURRENCY}
    return render(request, "campaigns/offers/redeemed.html", context)


def _head(offer: Offer) -> dict[str, Any]:
    word, tone = words.state(offer, now=utc_now())
    return {"offer": offer, "state": word, "tone": tone, "has_list": offer.codes == Offer.Codes.UPLOADED}


def _redeemed(offer: Offer) -> QuerySet[OfferRedemption]:
    return OfferRedemption.objects.filter(offer=offer)


def _with_people(rows: list[OfferRedemption], *, shows_codes: bool) -> list[dict[str, Any]]:
    """Each redemption with who ordered and who was given the code."""
    given = OfferCode.objects.in_bulk([row.given_id for row in rows if row.given_id])
    owners = {pk: one.profile_id for pk, one in given.items() if one.profile_id}
    known = named({*(row.profile_id for row in rows), *owners.values()})
    lines = []
    for row in rows:
        owner = owners.get(row.given_id or 0)
        is_passed_on = owner is not None and owner != row.profile_id
        lines.append(
            {
                "row": row,
                "person": known.get(row.profile_id),
                "from": known.get(owner) if is_passed_on and owner else None,
                "is_passed_on": is_passed_on,
                "code": shown_code(row.code, shows=shows_codes),
            }
        )
    return lines


def _page(rows: QuerySet[Any], order: tuple[str, ...], request: SignedIn) -> Page[Any]:
    try:
        return page_of(rows, order=order, query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
