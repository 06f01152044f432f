"""What became of a campaign's mails, in numbers."""

from dataclasses import dataclass

from django.db.models import Count

from campaigns.models import Campaign, Delivery


@dataclass(frozen=True)
class Results:
    planned: int
    delivered: int
    clicked: int
    failed: int
    unknown: int
    waiting: int
    skipped: tuple[tuple[str, int], ...]
    """Why, in words, and how many."""


def results_of(campaign: Campaign) -> Results:
    state = Delivery.State
    rows = (
        Delivery.objects.filter(campaign_id=campaign.pk)
        .values("state", "reason")
        .annotate(n=Count("profile_id"), clicked=Count("clicked_at"))
        .order_by("state", "reason")
    )
    by_state: dict[str, int] = {}
    for row in rows:
        by_state[row["state"]] = by_state.get(row["state"], 0) + row["n"]
    return Results(
        planned=sum(by_state.values()),
        delivered=by_state.get(state.ACCEPTED, 0),
        clicked=sum(row["clicked"] for row in rows),
        failed=by_state.get(state.FAILED, 0),
        unknown=by_state.get(state.UNKNOWN, 0),
        waiting=sum(by_state.get(one, 0) for one in (state.PLANNED, state.CLAIMED, state.HANDING)),
        skipped=tuple(
            (str(Delivery.Reason(row["reason"]).label), row["n"]) for row in rows if row["state"] == state.SKIPPED
        ),
    )
