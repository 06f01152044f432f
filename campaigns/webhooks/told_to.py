"""What an endpoint is told, in words; and which endpoints name a segment, a predictor or a campaign."""

from collections.abc import Collection, Iterator

from django.db.models import Model
from django.urls import reverse

from campaigns.models import Campaign, Endpoint
from campaigns.webhooks.kinds import CONSENT, DELIVERIES, DELIVERY, KINDS, MEMBERSHIP, MERGE, SCORE, Wants
from scoring.models import Predictor
from segments.models import Segment
from segments.uses import Use


def sentences(endpoint: Endpoint) -> list[str]:
    """One for each kind that it wants, in their order."""
    wants = Wants.of(endpoint.wants)
    of: dict[str, str] = {
        MEMBERSHIP: _chosen(Segment, wants.segments),
        SCORE: _chosen(Predictor, wants.predictors),
        DELIVERY: "; ".join(filter(None, (_chosen(Campaign, wants.campaigns), _outcomes(wants)))),
        MERGE: "",
        CONSENT: "",
    }
    return [f"{KINDS[kind]}{of[kind] and f': {of[kind]}'}" for kind in KINDS if kind in wants.kinds]


def by_segment(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    for endpoint in Endpoint.objects.order_by("name"):
        for segment_id in Wants.of(endpoint.wants).segments & set(segment_ids):
            yield segment_id, _use(endpoint)


def by_predictor(predictor_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    for endpoint in Endpoint.objects.order_by("name"):
        for predictor_id in Wants.of(endpoint.wants).predictors & set(predictor_ids):
            yield predictor_id, _use(endpoint)


def by_campaign(campaign_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    for endpoint in Endpoint.objects.order_by("name"):
        for campaign_id in Wants.of(endpoint.wants).campaigns & set(campaign_ids):
            yield campaign_id, _use(endpoint)


def _use(endpoint: Endpoint) -> Use:
    url = reverse("campaigns:webhook", args=[endpoint.pk])
    return Use("Webhook", endpoint.name, url, "manage_sending", state=endpoint.get_state_display())


def _chosen(model: type[Model], ids: Collection[int]) -> str:
    if not ids:
        return ""
    return ", ".join(model._default_manager.filter(pk__in=ids).order_by("name").values_list("name", flat=True))


def _outcomes(wants: Wants) -> str:
    return ", ".join(words for key, words in DELIVERIES.items() if key in wants.deliveries)
