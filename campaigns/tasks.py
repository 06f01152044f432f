import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.conf import settings

from campaigns import rates, settle
from campaigns.changes import Lost
from campaigns.channels.kinds import BadSettings
from campaigns.channels.known import channel_of
from campaigns.check.job import abandoned
from campaigns.check.run import With
from campaigns.check.run import run as run_check
from campaigns.content.blocks import ContentError
from campaigns.content.press import About
from campaigns.due import plan_some
from campaigns.models import Campaign
from campaigns.offers import upload
from campaigns.offers.redeem import read_orders
from campaigns.policy import policy
from campaigns.send import BATCH, due_campaigns, finish_all, send_batch, sending_of
from campaigns.tracking.settle import settle as settle_hits
from campaigns.triggers.read import read
from cdp.common.bell import ask, hear, ring
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import deployment_zone, time_limit, utc_now
from cdp.common.outbound import open_client
from cdp.common.secrets import SecretLost

log = logging.getLogger(__name__)
TURN = 20
"""Lots of orders that are read in one task."""
TURN_S = 2.0
"""So long a worker sends before it looks whether something more important is due and other tasks get their turn."""


@shared_task(queue="live", acks_late=True)
def send() -> None:
    """Sends what is due, the highest priority first; woken by its bell, and every second. While there is plenty, each
    worker that is at it wakes one more."""
    hear(send)
    is_over = time_limit(TURN_S)
    for campaign in due_campaigns(now=utc_now()):
        try:
            _send_some(campaign, is_over)
        except (ContentError, Lost, BadSettings, SecretLost):  # something it names is gone: the others go on
            log.exception("the mails of campaign %s cannot be made or handed over", campaign.pk)
        except GIVEN_BACK as error:
            log.warning("A batch of campaign %s was given back: %s", campaign.pk, type(error).__name__)
        if is_over():
            ring(send)
            return
    finish_all(now=utc_now())


@shared_task(queue="live", acks_late=True)
def settle_unknown() -> None:
    """Beat: what dead workers held, and messages of which nothing is known."""
    settle.recover(now=utc_now())
    if settle.decide(policy(), now=utc_now()):
        ring(send)


@shared_task(queue="bulk", acks_late=True)
def forget_rates() -> None:
    """Beat, nightly."""
    rates.forget(now=utc_now())


@shared_task(queue="live", acks_late=True)
def trigger() -> None:
    """Begins triggered campaigns for whom something happened; woken by its bell, and every second."""
    hear(trigger)
    begun = 0
    try:
        for _ in range(TURN):
            n = read(now=utc_now(), zone=deployment_zone())
            if not n:
                break
            begun += n
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", str(error).split("\n", maxsplit=1)[0])
    if begun:
        ring(send)


@shared_task(queue="live", acks_late=True)
def judge_hits() -> None:
    """Beat: opens and clicks that waited long enough for what comes along with them."""
    for _ in range(TURN):
        if not settle_hits(now=utc_now(), hold=timedelta(seconds=settings.HIT_HOLD_S)):
            return


@shared_task(queue="live", acks_late=True)
def plan_due() -> None:
    """Writes the ledger of what has come; woken by its bell, and every second."""
    hear(plan_due)
    if plan_some(now=utc_now(), zone=deployment_zone()):
        ring(plan_due)
        ring(send)


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


def _send_some(campaign: Campaign, is_over: Callable[[], bool]) -> None:
    """Until nothing of it is due, the rate is used up, or time is over."""
    if not rates.room(campaign.account, most=1, now=utc_now()):
        return
    sending = sending_of(
        campaign,
        channel=channel_of(campaign.account),
        base_url=settings.PUBLIC_URL,
        zone=deployment_zone(),
        now=utc_now(),
        lease=timedelta(seconds=settings.SEND_LEASE_S),
    )
    is_first = True
    while not is_over():
        n = send_batch(sending, now=utc_now(), clock=utc_now)
        if not n:
            return
        if n == BATCH and is_first:
            ring(send)
        is_first = False
