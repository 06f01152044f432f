"""Whether an endpoint can be what somebody wants it to be: for the form and the API alike."""

from collections.abc import Collection

from django.db.models import Model

from campaigns.models import Campaign, Endpoint
from campaigns.webhooks.address import address_problem
from campaigns.webhooks.kinds import DELIVERIES, KINDS, Wants
from campaigns.webhooks.save import Plan
from cdp.common.outbound import Policy
from scoring.models import Predictor
from segments.models import Segment


def problems_of(plan: Plan, *, policy: Policy, but: Endpoint | None = None) -> dict[str, str]:
    """By field; empty where there are none."""
    found = {"url": address_problem(plan.url, policy=policy), **_wants(plan.wants)}
    others = Endpoint.objects.exclude(pk=but.pk) if but else Endpoint.objects.all()
    if others.filter(name=plan.name).exists():
        found["name"] = "Another webhook has this name."
    return {field: problem for field, problem in found.items() if problem}


def _wants(wants: Wants) -> dict[str, str]:
    return {
        "kinds": _kinds(wants),
        "segments": _missing(Segment, wants.segments, "segment"),
        "predictors": _missing(Predictor, wants.predictors, "predictor"),
        "campaigns": _missing(Campaign, wants.campaigns, "campaign"),
        "deliveries": "" if wants.deliveries <= DELIVERIES.keys() else f"Of {', '.join(DELIVERIES)}.",
    }


def _kinds(wants: Wants) -> str:
    if not wants.kinds:
        return "Choose at least one."
    return "" if wants.kinds <= KINDS.keys() else f"Of {', '.join(KINDS)}."


def _missing(model: type[Model], ids: Collection[int], word: str) -> str:
    known = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    missing = sorted(set(ids) - known)
    return f"There is no {word} {missing[0]}." if missing else ""
