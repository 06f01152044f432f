from celery import shared_task

from cdp.analytics import cuts
from cdp.analytics.models import ComputedTrait
from cdp.analytics.refresh import count_people
from cdp.analytics.stale import refresh_waiting
from cdp.common.bell import hear, ring
from cdp.common.clock import deployment_zone, utc_now


@shared_task(queue="bulk", acks_late=True)
def refresh_stale() -> None:
    """Full recomputation of the traits that wait for one; woken by its bell, and every half minute."""
    hear(refresh_stale)
    refresh_waiting(clock=utc_now, zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def publish_cuts() -> None:
    """Every night the bands are measured anew."""
    if cuts.publish_all(now=utc_now(), zone=deployment_zone()):
        ring(refresh_stale)


@shared_task(queue="bulk", acks_late=True)
def count() -> None:
    """How many people have each trait, for the list."""
    for trait_id in ComputedTrait.objects.filter(is_on=True, is_removed=False).values_list("pk", flat=True):
        ComputedTrait.objects.filter(pk=trait_id).update(people=count_people(trait_id))
