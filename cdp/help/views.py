"""The documentation in the product's frame."""

import mimetypes

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cdp.accounts.access import SignedIn, member
from cdp.help import library
from cdp.help.contents import groups, images
from cdp.help.search import search

LONGEST_QUERY = 200


@member
@require_safe
def contents(request: SignedIn) -> HttpResponse:
    return render(request, "help/contents.html", {"groups": groups()})


@member
@require_safe
def page(request: SignedIn, name: str) -> HttpResponse:
    try:
        found = library.page(name)
    except library.NoSuchPage as error:
        raise Http404 from error
    inner = [one for one in found.rendered.headings if one.level in (2, 3)]
    return render(request, "help/page.html", {"page": found, "groups": groups(), "headings": inner})


@member
@require_safe
def find(request: SignedIn) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    return render(request, "help/search.html", {"q": query, "found": search(query), "groups": groups()})


@member
@require_safe
def image(request: HttpRequest, name: str) -> FileResponse:
    path = images().get(name)
    if path is None:
        raise Http404
    kind = mimetypes.guess_type(name)[0]
    return FileResponse(path.open("rb"), content_type=kind, headers={"Cache-Control": "private, max-age=300"})
