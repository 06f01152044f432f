"""Data → Catalogue: items, what each source calls them, and the exchange rates of their prices."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.common.keyset import BadCursor, page_of
from cdp.events.catalogue_forms import AliasForm, ItemFilterForm, ItemForm, RatesForm
from cdp.events.items import CATALOGUE, add_aliases
from cdp.events.models import EventItem, ExchangeRate, Item, ItemAlias
from cdp.events.rates import BadRates, read_rates, save_rates
from cdp.profiles.touched import touch_everybody


@needs("view_data")
def items(request: SignedIn) -> HttpResponse:
    form = ItemFilterForm(request.GET)
    found = _found(form.cleaned_data) if form.is_valid() else Item.objects.none()
    try:
        page = page_of(found, order=("id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "events/items.html", {"form": form, "page": page})


def _found(wanted: dict[str, Any]) -> QuerySet[Item]:
    found = Item.objects.all()
    if wanted["category"]:
        found = found.filter(category=wanted["category"])
    if text := wanted["q"].strip():
        alias = ItemAlias.objects.filter(alias=text).values("item_id")
        found = found.filter(Q(name__icontains=text) | Q(id__istartswith=text) | Q(id__in=alias))
    return found


@needs("view_data")
def item(request: SignedIn, pk: str) -> HttpResponse:
    found = get_object_or_404(Item, pk=pk)
    return _item_page(request, found, ItemForm(instance=found), AliasForm())


def _item_page(
    request: SignedIn, found: Item, form: ItemForm, alias_form: AliasForm, *, status: int = 200
) -> HttpResponse:
    names = dict(Source.objects.values_list("id", "name"))
    aliases = [
        {"pk": alias.pk, "alias": alias.alias, "source": names.get(alias.source_id, "a source that is gone")}
        for alias in found.aliases.order_by("source_id", "alias")
    ]
    may_change = request.user.may("edit_data")
    for field in form.fields.values():
        field.disabled = not may_change
    lines = EventItem.objects.filter(item_id=found.pk, name="Order Completed")
    page = {"item": found, "form": form, "alias_form": alias_form, "aliases": aliases, "may_change": may_change}
    return render(request, "events/item.html", {**page, "n_bought": lines.count()}, status=status)


@needs("edit_data")
@require_POST
def change_item(request: SignedIn, pk: str) -> HttpResponse:
    found = get_object_or_404(Item, pk=pk)
    form = ItemForm(request.POST, instance=found)
    if not form.is_valid():
        return _item_page(request, Item.objects.get(pk=pk), form, AliasForm(), status=422)
    with transaction.atomic(), connection.cursor() as cursor:
        form.instance.updated_at = timezone.now()
        form.save()
        if {"category", "brand"} & set(form.changed_data):
            touch_everybody(cursor, [CATALOGUE], now=timezone.now())
        details = {"changed": sorted(form.changed_data)}
        audit.record(request.user, verb="changed item", target=pk, details=details, now=timezone.now())
    messages.success(request, "Saved.")
    return redirect("events:item", pk=pk)


@needs("edit_data")
@require_POST
def add_alias(request: SignedIn, pk: str) -> HttpResponse:
    found = get_object_or_404(Item, pk=pk)
    form = AliasForm(request.POST)
    if not form.is_valid():
        return _item_page(request, found, ItemForm(instance=found), form, status=422)
    source, alias = form.cleaned_data["source"], form.cleaned_data["alias"].strip()
    with transaction.atomic(), connection.cursor() as cursor:
        add_aliases(cursor, source.pk, [(alias, pk)])
        details = {"source": source.name, "alias": alias}
        audit.record(request.user, verb="added alias", target=pk, details=details, now=timezone.now())
    messages.success(request, f"From now on, “{alias}” of {source} is this item.")
    return redirect("events:item", pk=pk)


@needs("edit_data")
@require_POST
def remove_alias(request: SignedIn, pk: str, alias_pk: int) -> HttpResponse:
    alias = get_object_or_404(ItemAlias, pk=alias_pk, item_id=pk)
    with transaction.atomic():
        alias.delete()
        audit.record(request.user, verb="removed alias", target=pk, details={"alias": alias.alias}, now=timezone.now())
    messages.success(request, f"“{alias.alias}” is no longer this item; events taken in before stay.")
    return redirect("events:item", pk=pk)


@needs("view_data")
def rates(request: SignedIn) -> HttpResponse:
    return _rates_page(request, RatesForm())


def _rates_page(request: SignedIn, form: RatesForm, *, status: int = 200) -> HttpResponse:
    newest = ExchangeRate.objects.order_by("currency", "-valid_on").distinct("currency")
    page = {"form": form, "rates": newest, "reporting": settings.REPORTING_CURRENCY}
    return render(request, "events/rates.html", page, status=status)


@needs("edit_data")
@require_POST
def add_rates(request: SignedIn) -> HttpResponse:
    form = RatesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _rates_page(request, form, status=422)
    try:
        text = form.cleaned_data["file"].read().decode("utf-8", "replace")
        kept = save_rates(read_rates(text, reporting=settings.REPORTING_CURRENCY))
    except BadRates as error:
        form.add_error("file", str(error))
        return _rates_page(request, form, status=422)
    audit.record(request.user, verb="added exchange rates", target=f"{kept} rates", now=timezone.now())
    messages.success(request, f"{kept:,} rates are kept. Replay what waits in quarantine for them.")
    return redirect("events:rates")
