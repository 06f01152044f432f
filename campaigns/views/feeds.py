"""Feeds in the browser: list, set-up, and trying one as a chosen person."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.feed_form import KEEPING, FeedForm, written
from campaigns.feeds import save
from campaigns.feeds.address import BadAddress, host_of, read_address
from campaigns.feeds.attempt import attempt, context_for, unknown_in
from campaigns.feeds.definition import unsealed
from campaigns.feeds.uses import uses_of
from campaigns.models import Feed
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import page_of
from cdp.common.outbound import open_client, policy_by_settings
from cdp.common.secrets import SecretLost
from cdp.profiles.find import NoSuchPerson, by_any, by_known
from cdp.profiles.models import Profile
from cdp.profiles.naming import people


@needs("view_campaigns")
def feeds(request: SignedIn) -> HttpResponse:
    is_archive = request.GET.get("show") == "archived"
    rows = Feed.objects.filter(archived_at__isnull=not is_archive)
    page = page_of(rows, order=("name", "id"), query=request.GET)
    context = {
        "page": page,
        "lines": [(feed, _host(feed)) for feed in page.rows],
        "is_archive": is_archive,
        "n_archived": Feed.objects.exclude(archived_at=None).count(),
    }
    return render(request, "campaigns/feeds/feeds.html", context)


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    form = FeedForm(request.POST or None, policy=policy_by_settings())
    if request.method == "POST" and form.is_valid():
        feed = save.create(form.plan(), key=form.cleaned_data["key"], by=request.user, now=utc_now())
        return _saved(request, feed)
    return render(request, "campaigns/feeds/edit.html", {"form": form}, status=422 if form.errors else 200)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    feed = get_object_or_404(Feed, pk=pk)
    kept, is_lost = _headers(feed)
    form = FeedForm(request.POST or None, policy=policy_by_settings(), feed=feed, kept=kept)
    if request.method == "POST" and form.is_valid():
        save.change(feed, plan=form.plan(), by=request.user, now=utc_now())
        return _saved(request, feed)
    context = {"form": form, "feed": feed, "is_lost": is_lost}
    return render(request, "campaigns/feeds/edit.html", context, status=422 if form.errors else 200)


@needs("view_campaigns")
def feed(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Feed, pk=pk)
    kept, is_lost = _headers(found)
    uses = uses_of(found)
    context = {
        "feed": found,
        "in_text": f"{{{{ feeds.{found.key} }}}}",
        "headers": sorted(kept),
        "is_lost": is_lost,
        "keeping": dict(KEEPING).get(found.cache_s, f"{found.cache_s} seconds"),
        "schema": written(found.schema),
        "fallback": written(found.fallback),
        "uses": uses,
        "archive_text": _archiving(len(uses)),
        "unknown": _unknown(found),
    }
    return render(request, "campaigns/feeds/feed.html", context)


@needs("edit_campaigns")
@require_POST
def attempt_feed(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Feed, pk=pk)
    now, who = utc_now(), request.POST.get("person", "").strip()
    profile = _person(who)
    if profile is None:
        message = f"Nobody is known by “{who}”." if who else "There is nobody yet to try it as."
        return render(request, "campaigns/feeds/_tried.html", {"nobody": message})
    try:
        context = context_for(read_address(found.url), profile.pk, now=now, zone=deployment_zone())
    except BadAddress as error:
        return render(request, "campaigns/feeds/_tried.html", {"nobody": str(error)})
    with open_client() as client:
        tried = attempt(found, context, client=client, now=now)
    received = tried.asked.received if tried.asked else None
    shown = {
        "tried": tried,
        "person": people([profile.pk]).get(profile.pk),
        "took_ms": round(received.took_s * 1000) if received else 0,
        "fallback": found.fallback is not None,
    }
    return render(request, "campaigns/feeds/_tried.html", shown)


@needs("edit_campaigns")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Feed, pk=pk)
    save.archive(found, by=request.user, now=utc_now())
    messages.success(request, f"“{found.name}” was archived. It is no longer asked, and can be restored.")
    return redirect("campaigns:feeds")


@needs("edit_campaigns")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Feed, pk=pk)
    save.restore(found, by=request.user, now=utc_now())
    return redirect("campaigns:feed", pk=pk)


def _saved(request: SignedIn, feed: Feed) -> HttpResponse:
    messages.success(request, f"“{feed.name}” was saved. Try it as a person below.")
    return redirect("campaigns:feed", pk=feed.pk)


def _archiving(n: int) -> str:
    """What archiving does, to how many."""
    if not n:
        return "It is no longer asked. No mail names it, and it can be restored."
    of = "One mail names" if n == 1 else f"{n} mails name"
    return f"It is no longer asked. {of} it: they get what stands for a failure. It can be restored."


def _headers(feed: Feed) -> tuple[dict[str, str], bool]:
    """Its headers, and whether the key they were encrypted with is gone."""
    try:
        return unsealed(bytes(feed.headers), secrets=settings.ENCRYPTION_KEYS), False
    except SecretLost:
        return {}, True


def _unknown(feed: Feed) -> list[str]:
    try:
        return unknown_in(read_address(feed.url))
    except BadAddress as error:
        return [str(error)]


def _host(feed: Feed) -> str:
    try:
        return host_of(read_address(feed.url)).host
    except BadAddress:
        return ""


def _person(who: str) -> Profile | None:
    """By any identifier; whoever was seen last where nobody is named."""
    if not who:
        return Profile.objects.filter(merged_into=None).order_by("-last_seen_on", "-id").first()
    for find in (by_any, by_known):
        try:
            return find(who)
        except NoSuchPerson:
            continue
    return None
