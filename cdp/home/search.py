"""The search box of every page: people by any identifier, everything else by name; only what the visitor may open."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from campaigns.models import Campaign, Feed, Offer, Template
from cdp.accounts.access import SignedIn, member
from cdp.common import navigation
from cdp.profiles.find import starting_with
from cdp.profiles.naming import people
from scoring.models import Predictor
from segments.models import Segment

FOUND = 10
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """One place that the search leads to."""

    kind: str
    name: str
    note: str
    url: str


@dataclass(frozen=True)
class Kind:
    """Things that have a name and a page."""

    word: str
    permission: str
    url_name: str
    rows: QuerySet[Model]


KINDS = (
    Kind("Segment", "view_segments", "segments:segment", Segment.objects.filter(archived_at=None)),
    Kind("Predictor", "view_predictions", "scoring:predictor", Predictor.objects.filter(archived_at=None)),
    Kind("Campaign", "view_campaigns", "campaigns:campaign", Campaign.objects.all()),
    Kind("Template", "edit_campaigns", "campaigns:editor", Template.objects.filter(archived_at=None, kind="saved")),
    Kind("Offer", "view_campaigns", "campaigns:offer", Offer.objects.filter(archived_at=None)),
    Kind("Feed", "view_campaigns", "campaigns:feed", Feed.objects.filter(archived_at=None)),
)


@member
def search(request: SignedIn) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:LONGEST].replace("\0", "")
    found = [*_people(request, text), *_named(request, text), *_pages(request, text)] if text else []
    return render(request, "home/search.html", {"q": text, "found": found})


def _people(request: SignedIn, text: str) -> Iterable[Found]:
    if not request.user.may("view_people"):
        return
    matches = starting_with(text)
    for profile_id, person in list(people(matches).items())[:FOUND]:
        yield Found("Person", person.name, matches[profile_id], reverse("profiles:detail", args=[person.uuid]))


def _named(request: SignedIn, text: str) -> Iterable[Found]:
    for kind in KINDS:
        if request.user.may(kind.permission):
            rows = kind.rows.filter(name__icontains=text).order_by("name")
            for pk, name in rows.values_list("pk", "name")[:FOUND]:
                yield Found(kind.word, name, "", reverse(kind.url_name, args=[pk]))


def _pages(request: SignedIn, text: str) -> Iterable[Found]:
    for item in navigation.declared():
        if text.lower() in item.label.lower() and (not item.permission or request.user.may(item.permission)):
            try:
                yield Found("Page", item.label, item.area.label, reverse(item.url_name))
            except NoReverseMatch:
                continue
