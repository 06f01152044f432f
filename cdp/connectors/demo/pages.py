"""The demo shop's own pages: pictures of its items, and a page for each so that links in mails lead somewhere."""

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from cdp.accounts.access import public
from cdp.common.clock import deployment_zone, utc_now
from cdp.connectors.demo.picture import picture
from cdp.connectors.demo.weather import weather
from cdp.events.models import Item


@public
def item_picture(request: HttpRequest, item_id: str) -> HttpResponse:
    """Public, as pictures in mails must be; it never changes."""
    found = picture(item_id)
    if found is None:
        raise Http404
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(found, content_type="image/svg+xml", headers=headers)


@public
def item_page(request: HttpRequest, item_id: str) -> HttpResponse:
    """Only of the demo shop: other items of the catalogue are nobody's business without a login."""
    item = get_object_or_404(Item, pk=item_id, url__endswith=f"/demo/items/{item_id}")
    return render(request, "demo/item.html", {"item": item})


@public
def weather_now(request: HttpRequest) -> HttpResponse:
    """What the feed that stands ready asks: `?city=Berlin`."""
    city = request.GET.get("city", "").strip()
    if not city:
        return JsonResponse({"error": "Say which city: ?city=Berlin"}, status=400)
    today = utc_now().astimezone(deployment_zone()).date()
    return JsonResponse(asdict(weather(city, on=today)))
