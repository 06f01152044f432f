import logging

from celery import shared_task
from django.conf import settings

from campaigns.channels.known import channel_of
from campaigns.check.job import abandoned
from campaigns.check.run import With
from campaigns.check.run import run as run_check
from campaigns.confirming import ask_due
from campaigns.content.blocks import ContentError
from campaigns.content.press import About
from campaigns.models import Campaign
from campaigns.offers import upload
from campaigns.offers.redeem import read_orders
from campaigns.send import finish, send_batch, sending_of
from cdp.common.bell import ask, hear, ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.outbound import open_client

log = logging.getLogger(__name__)
TURN = 20
"""Batches of one campaign in one task, so that campaigns take turns."""


@shared_task(queue="live", acks_late=True)
def send() -> None:
    """Sends what is due; woken by its bell, and every second."""
    hear(send)
    is_more = False
    sending = Campaign.objects.filter(state=Campaign.State.SENDING)
    for campaign in sending.select_related("template", "version", "topic__purpose", "account").order_by("started_at"):
        try:
            is_more = _send_some(campaign) or is_more
        except ContentError:  # something it names is gone: the others go on
            log.exception("the mails of campaign %s cannot be made", campaign.pk)
    if is_more:
        ring(send)


@shared_task(queue="live", acks_late=True)
def ask_to_confirm() -> None:
    """Double opt-in: asks the owners of addresses; woken by its bell, and every few seconds."""
    hear(ask_to_confirm)
    for _ in range(TURN):
        if not ask_due(base_url=settings.PUBLIC_URL, now=utc_now()):
            return


@shared_task(queue="live", acks_late=True)
def read_redemptions() -> None:
    """Beat: which of our codes the orders of the last moments name."""
    for _ in range(TURN):
        if not read_orders(now=utc_now()):
            return


@shared_task(queue="bulk", acks_late=True)
def read_codes(job_id: int) -> None:
    """A list of codes that somebody uploaded."""
    upload.read(job_id, clock=utc_now)


@shared_task(queue="bulk", acks_late=True)
def revive_codes() -> None:
    """Beat: lists whose bell was lost or whose worker died."""
    for job_id in upload.unheard(now=utc_now()):
        ask(read_codes, job_id)


@shared_task(queue="bulk", acks_late=True)
def forget_code_lists() -> None:
    """Beat, nightly."""
    upload.forget(now=utc_now())


@shared_task(queue="bulk", acks_late=True)
def check_audience(job_id: int) -> None:
    """Safe to run twice: the one that is at it goes on, and what it kept is not done again."""
    about = About(settings.PUBLIC_URL, deployment_zone(), is_tracked=False)
    run_check(job_id, given=With(about, utc_now, open_client))


@shared_task(queue="bulk", acks_late=True)
def revive_checks() -> None:
    """Beat: checks whose worker died, or whose bell was lost."""
    for job_id in abandoned(now=utc_now()):
        ask(check_audience, job_id)


def _send_some(campaign: Campaign) -> bool:
    """Whether more is left."""
    sending = sending_of(
        campaign,
        channel=channel_of(campaign.account),
        base_url=settings.PUBLIC_URL,
        zone=deployment_zone(),
        now=utc_now(),
    )
    for _ in range(TURN):
        if not send_batch(sending, now=utc_now()):
            finish(campaign, now=utc_now())
            return False
    return True
