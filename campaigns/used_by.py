"""What goes by what a campaign's mails did: follow-ups, rules, conditions, predictions, and systems that are told."""

from collections.abc import Collection, Iterator

from django.urls import reverse

from campaigns.models import Campaign
from campaigns.uses import campaigns_by_campaign
from campaigns.webhooks import told_to
from scoring.models import Predictor
from segments.models import Segment
from segments.uses import Use, mentioned


def uses_of(campaign: Campaign) -> list[Use]:
    finders = (campaigns_by_campaign, _by_segments, _by_predictors, told_to.by_campaign)
    return [use for find in finders for _, use in find([campaign.pk])]


def followers(uses: Collection[Use]) -> list[str]:
    """Names of those that are not over: what they wait for comes no more once the campaign is cancelled."""
    return [f"“{use.name}”" for use in uses if not use.is_over]


def _by_segments(campaign_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    rows = Segment.objects.filter(archived_at=None).order_by("name")
    for pk, name, rule in rows.values_list("pk", "name", "rule"):
        for campaign_id in mentioned(rule, "message") & set(campaign_ids):
            yield campaign_id, Use("Segment", name, reverse("segments:segment", args=[pk]), "view_segments")


def _by_predictors(campaign_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    for one in Predictor.objects.filter(archived_at=None).order_by("name"):
        for campaign_id in mentioned([one.population, one.target], "message") & set(campaign_ids):
            url = reverse("scoring:predictor", args=[one.pk])
            yield campaign_id, Use("Predictor", one.name, url, "view_predictions")
