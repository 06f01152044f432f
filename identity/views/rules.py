"""Settings → Identity rules: what counts now, what it drops, and editing it into a draft."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.profiles.models import Record
from cdp.profiles.naming import Person, people
from identity import drafts, dropped, rule_form, rule_jobs, what_if
from identity.drafts import NoSuchVersion, NothingChanged
from identity.models import RuleSet
from identity.rule_words import in_words, name_of, ordered
from identity.rules import ANY, RulesError
from identity.views import everybody
from identity.who import Names, doer

SAMPLES = 4
TRAITS_FROM = 500
"""Records looked at for the names of traits."""


@needs("view_data")
def rules(request: SignedIn) -> HttpResponse:
    now = drafts.in_force()
    version = RuleSet.objects.filter(pk=now.version).first()
    draft = drafts.open_draft()
    with connection.cursor() as cursor:
        conflicts, shared = dropped.conflicts(cursor), dropped.shared_values(cursor, now)
    context = {
        "rules": now,
        "percent": rule_form.of_rules(now).fuzzy.fields,
        "version": version,
        "names": [(one, name_of(one.name), in_words(one)) for one in ordered(now)],
        "blocked": [(one, name_of(one.namespace)) for one in now.blocked],
        "who": Names([row.by for row in (version, draft) if row]).of(version.by) if version else "",
        "draft": draft,
        "settle": rule_jobs.latest(rule_jobs.SETTLE, version.pk) if version else None,
        "conflicts": [(one, name_of(one.namespace)) for one in conflicts],
        "shared": [(one, name_of(one.namespace)) for one in shared],
        "everybody": everybody.latest(),
        "may_edit": request.user.may("edit_identity_rules"),
    }
    return render(request, "identity/rules.html", context)


@needs("edit_identity_rules")
def edit(request: SignedIn) -> HttpResponse:
    """GET `?from=` a version; without, the open draft, else what counts now. POST saves a new draft."""
    if request.method == "POST":
        return _save(request, rule_form.of_post(request.POST))
    try:
        base = _base(request.GET.get("from", ""))
        return _editor(request, rule_form.of_rules(drafts.rules_of(base)))
    except NoSuchVersion as error:
        raise Http404 from error


def _base(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 18:
        return int(text)
    draft = drafts.open_draft()
    return draft.pk if draft else drafts.in_force().version


def _save(request: SignedIn, form: rule_form.RuleForm) -> HttpResponse:
    found, now = form.checked(), utc_now()
    if found is None:
        return _editor(request, form)
    try:
        draft = drafts.save(found, note=form.note, by=doer(request.user), now=now)
    except NothingChanged as error:
        form.error = str(error.__doc__)
        return _editor(request, form)
    return saved(request, draft)


def saved(request: SignedIn, draft: RuleSet) -> HttpResponse:
    audit.record(request.user, verb="drafted identity rules", target=str(draft), now=utc_now())
    return redirect("identity:rules_version", pk=draft.pk)


def _editor(request: SignedIn, form: rule_form.RuleForm) -> HttpResponse:
    with connection.cursor() as cursor:
        known = drafts.known_namespaces(cursor)
    names = list(dict.fromkeys([*(row.fields["name"] for row in form.namespaces if row.fields["name"]), *known]))
    context = {
        "form": form,
        "forms": rule_form.FORMS,
        "fixed_forms": {name: kind.label for name, kind in rule_form.FIXED_FORMS.items()},
        "kinds": rule_form.KINDS,
        "any": ANY,
        "namespaces": [(name, name_of(name)) for name in names if name != ANY],
        "unused": [name for name in known if name not in {row.fields["name"] for row in form.namespaces}],
        "traits": _traits(),
    }
    return render(request, "identity/rules_edit.html", context, status=422 if form.is_wrong else 200)


def _traits() -> list[str]:
    some = Record.objects.order_by("-id").values_list("traits", flat=True)[:TRAITS_FROM]
    return sorted({name for traits in some for name in traits})


@needs("edit_identity_rules")
def touches(request: SignedIn) -> HttpResponse:
    """What a blocked value that is being typed would concern."""
    value = request.GET.get("blocked-value", "").strip()[:200]
    context: dict[str, Any] = {}
    if value.strip("*? "):
        try:
            context = {"found": dropped.touched_by(request.GET.get("blocked-namespace", ANY), value)}
        except dropped.TooManyToCount as error:
            context = {"problem": str(error.__doc__)}
    elif value:
        context = {"problem": "This would block every value."}
    return render(request, "identity/_touches.html", context)


@needs("edit_identity_rules")
def likeness(request: SignedIn) -> HttpResponse:
    """What the thresholds that are being set would make of the pairs found so far."""
    try:
        wanted = rule_form.of_post(request.GET).likeness()
    except RulesError as error:
        return render(request, "identity/_likeness.html", {"problem": error.problem})
    with connection.cursor() as cursor:
        fuzzy = drafts.in_force().fuzzy
        stored = what_if.load(cursor, link=fuzzy.link, review=fuzzy.review)
    found = what_if.what_if(stored, wanted, samples=SAMPLES)
    pairs = [("Newly joined", found.sample_linked), ("No longer joined", found.sample_unlinked)]
    context = {"found": found, "n": len(stored), "samples": [(label, _named(some)) for label, some in pairs if some]}
    return render(request, "identity/_likeness.html", context)


def _named(pairs: Sequence[what_if.Pair]) -> list[list[Person]]:
    """The people whose these records are."""
    homes = dict(Record.objects.filter(pk__in={one for pair in pairs for one in pair}).values_list("pk", "profile_id"))
    known = people(homes.values())
    named = [[known[homes[one]] for one in pair if homes.get(one) in known] for pair in pairs]
    return [list(dict.fromkeys(pair)) for pair in named if pair]


@needs("edit_identity_rules")
@require_POST
def block(request: SignedIn) -> HttpResponse:
    """A shared value becomes a blocked one, in a draft."""
    try:
        draft = drafts.block(
            request.POST.get("namespace", ""), request.POST.get("value", ""), by=doer(request.user), now=utc_now()
        )
    except (NothingChanged, RulesError) as error:
        return _not_saved(request, error)
    return saved(request, draft)


@needs("edit_identity_rules")
@require_POST
def allow(request: SignedIn) -> HttpResponse:
    """A shared value names people again: the limit of its kind is raised, in a draft."""
    text = request.POST.get("records", "")
    most = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    try:
        draft = drafts.raise_limit(request.POST.get("namespace", ""), most, by=doer(request.user), now=utc_now())
    except (NothingChanged, RulesError) as error:
        return _not_saved(request, error)
    return saved(request, draft)


def _not_saved(request: SignedIn, error: NothingChanged | RulesError) -> HttpResponse:
    messages.warning(request, str(error) or str(error.__doc__))
    return redirect("identity:rules")
