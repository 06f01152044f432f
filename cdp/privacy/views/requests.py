"""People → Privacy requests: find somebody everywhere, copy what is known, erase it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.db.models import Max, Sum
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.belongings import OnErase, Person, places
from cdp.common.clock import utc_now
from cdp.common.jobs import refreshed
from cdp.common.keyset import BadCursor, page_of
from cdp.privacy import erase, export_person, person, rows
from cdp.privacy.models import Erased, PrivacyRequest, Refusal
from cdp.privacy.tasks import ring
from cdp.profiles.find import NoSuchPerson, by_uuid, identifiers_of
from cdp.profiles.models import Profile
from cdp.profiles.naming import best_name

WORD = "erase"
Kind = PrivacyRequest.Kind
BECOMES = {
    OnErase.DELETE: "goes",
    OnErase.BLANK: "stays, without whom it was about",
    OnErase.KEEP: "passes by itself",
}
DOWNLOADS = {"json": export_person.JSON, "zip": export_person.ZIP}


class FindForm(forms.Form):
    identifier = forms.CharField(
        label="E-mail address, phone number, user id, device id or profile id",
        max_length=512,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class EraseForm(forms.Form):
    """Typed, because it cannot be taken back."""

    word = forms.CharField(
        label=f"Type “{WORD}” to confirm", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"]).strip().lower()
        if word != WORD:
            raise forms.ValidationError(f"Type the word “{WORD}”.")
        return word


@dataclass(frozen=True)
class Where:
    """One line of where somebody is."""

    label: str
    n: int
    becomes: str


@needs("erase_people")
def requests(request: SignedIn) -> HttpResponse:
    return _list(request, FindForm())


def _list(request: SignedIn, form: FindForm, *, status: int = 200) -> HttpResponse:
    try:
        page = page_of(PrivacyRequest.objects.select_related("job", "by"), order=("-at", "-id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    shown = {"form": form, "page": page, "n_erased": Erased.objects.count()}
    return render(request, "privacy/requests.html", shown, status=status)


@needs("erase_people")
@require_POST
def find(request: SignedIn) -> HttpResponse:
    """By POST, so that nobody's address stands in addresses of pages and in logs."""
    form = FindForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    text = form.cleaned_data["identifier"]
    with connection.cursor() as cursor:
        ids = person.known_by(cursor, text)
    if len(ids) == 1:
        return redirect("privacy:person", uuid=Profile.objects.get(pk=ids[0]).uuid)
    if ids:
        found = Profile.objects.in_bulk(ids)
        known = identifiers_of(ids)
        people = [(one, best_name(one, known.get(one.pk, []))) for one in found.values()]
        return render(request, "privacy/several.html", {"people": people})
    return _shown(request, person.unknown(text), EraseForm(), text=text)


@needs("erase_people")
def person_page(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile, who = _known(uuid)
    return _shown(request, who, EraseForm(), profile=profile)


def _known(uuid: UUID) -> tuple[Profile, Person]:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    with connection.cursor() as cursor:
        return profile, person.of_profile(cursor, profile.pk)


def _shown(
    request: SignedIn,
    who: Person,
    form: EraseForm,
    *,
    profile: Profile | None = None,
    text: str = "",
    status: int = 200,
) -> HttpResponse:
    name = best_name(profile, identifiers_of([profile.pk]).get(profile.pk, [])) if profile else text
    shown: dict[str, Any] = {
        "who": who,
        "profile": profile,
        "name": name,
        "text": text,
        "where": _rows_of(who),
        "elsewhere": None if profile else _elsewhere(who),
        "slow": [one.label for one in places() if one.is_slow],
        "form": form,
        "identifiers": who.addresses if profile else (),
        "erase_url": reverse("privacy:erase"),
        "copy_url": reverse("privacy:copy"),
    }
    return render(request, "privacy/person.html", shown, status=status)


@needs("erase_people")
def elsewhere(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Beside the tables: loaded by itself, since files are read for it."""
    return render(request, "privacy/_elsewhere.html", {"elsewhere": _elsewhere(_known(uuid)[1])})


def _elsewhere(who: Person) -> list[Where]:
    return [Where(one.label, n, "goes") for one in places() if not one.is_slow and (n := one.count(who))]


def _rows_of(who: Person) -> list[Where]:
    known = {one.table: one for one in rows.tables()}
    return [Where(known[table].title, n, BECOMES[known[table].on_erase]) for table, n in rows.counts(who).items()]


def _asked(request: SignedIn) -> tuple[Profile | None, Person, str]:
    """Whom the form is about: a profile, or a text that no profile has."""
    if uuid := request.POST.get("uuid"):
        try:
            return *_known(UUID(uuid)), ""
        except ValueError as error:
            raise Http404 from error
    form = FindForm(request.POST)
    if not form.is_valid():
        raise BadRequest("It does not say whom.")
    return None, person.unknown(form.cleaned_data["identifier"]), form.cleaned_data["identifier"]


@needs("erase_people")
@require_POST
def copy_person(request: SignedIn) -> HttpResponse:
    _, who, _ = _asked(request)
    made = export_person.begin(who, by=request.user, via="page", now=utc_now())
    ring(made.job_id, export_person.KIND)
    return redirect("privacy:request", uuid=made.uuid)


@needs("erase_people")
@require_POST
def erase_person(request: SignedIn) -> HttpResponse:
    profile, who, text = _asked(request)
    form = EraseForm(request.POST)
    if not form.is_valid():
        return _shown(request, who, form, profile=profile, text=text, status=422)
    made = erase.begin(who, by=request.user, via="page", now=utc_now())
    ring(made.job_id, erase.KIND)
    return redirect("privacy:request", uuid=made.uuid)


@needs("erase_people")
def request_page(request: SignedIn, uuid: UUID) -> HttpResponse:
    return render(request, "privacy/request.html", _of_request(uuid))


@needs("erase_people")
def progress(request: SignedIn, uuid: UUID) -> HttpResponse:
    one = get_object_or_404(PrivacyRequest.objects.select_related("job"), uuid=uuid)
    return refreshed(render(request, "privacy/_progress.html", {"one": one, "job": one.job}), one.job)


def _of_request(uuid: UUID) -> dict[str, Any]:
    one = get_object_or_404(PrivacyRequest.objects.select_related("job", "by"), uuid=uuid)
    titles = {of.table: of.title for of in rows.tables()} | {of.key: of.label for of in places()}
    went = {**one.counts, **(one.job.result if one.kind == Kind.ERASE else {})}
    return {
        "one": one,
        "job": one.job,
        "went": [(titles.get(key, key), n) for key, n in went.items() if n],
        "kept": _kept(one),
        "has_file": export_person.path_of(one, export_person.JSON, now=utc_now()) is not None,
    }


def _kept(one: PrivacyRequest) -> list[Erased]:
    """The fingerprints of an erasure, with what was refused since the sums of last night."""
    found = list(Erased.objects.filter(request_id=one.pk).order_by("namespace", "pk"))
    lately = Refusal.objects.filter(erased_id__in=[kept.pk for kept in found]).values_list("erased_id")
    sums = {pk: (n, at) for pk, n, at in lately.annotate(Sum("n"), Max("at"))}
    for kept in found:
        n, at = sums.get(kept.pk, (0, kept.refused_at))
        kept.refused, kept.refused_at = kept.refused + n, at
    return found


@needs("erase_people")
@never_cache
def download(request: SignedIn, uuid: UUID, form: str) -> HttpResponseBase:
    one = get_object_or_404(PrivacyRequest, uuid=uuid)
    path = export_person.path_of(one, DOWNLOADS.get(form, ""), now=utc_now())
    if path is None:
        raise Http404
    details = {"request": one.pk, "file": path.name}
    audit.record(
        request.user, verb="downloaded a copy of a person", target=f"request {one.pk}", details=details, now=utc_now()
    )
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@needs("erase_people")
@require_POST
def lift(request: SignedIn, uuid: UUID) -> HttpResponse:
    one = get_object_or_404(PrivacyRequest, uuid=uuid, kind=Kind.ERASE)
    n = erase.lift(one, by=request.user, now=utc_now())
    messages.success(request, f"{n:,} identifiers are taken in again from now on. What was erased stays erased.")
    return redirect("privacy:request", uuid=uuid)


@needs("erase_people")
@require_POST
def try_again(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Of one that failed: the steps that are left."""
    one = get_object_or_404(PrivacyRequest.objects.select_related("job"), uuid=uuid)
    if one.job.state == one.job.State.FAILED:
        one.job.state, one.job.error, one.job.finished_at = one.job.State.WAITING, "", None
        one.job.save()
        ring(one.job_id, one.job.kind)
    return redirect("privacy:request", uuid=uuid)
