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
from campaigns.confirming import ask_due
from campaigns.content.blocks import ContentError
from campaigns.content.press import About
from campaigns.crowd import place
from campaigns.due import plan_some
from campaigns.experiments import decide
from campaigns.goals import keep as goals
from campaigns.models import Campaign, Goal
from campaigns.offers import upload
from campaigns.offers.redeem import read_orders
from campaigns.policy import policy
from campaigns.results import attribute
from campaigns.send import BATCH, Sending, due_campaigns, finish_all, send_batch
from campaigns.tracking.settle import settle as settle_hits
from campaigns.triggers.read import read as read_triggers
from campaigns.ways import keeper
from campaigns.webhooks import background, forget
from campaigns.webhooks.read import read_news
from cdp.common.bell import ask, hear, ring
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import deployment_zone, time_limit, utc_now
from cdp.common.outbound import open_client
from cdp.common.secrets import SecretLost
from cdp.rules.fields import RuleError

log = logging.getLogger(__name__)
TURN = 20
"""Lots of orders that are read in one task."""
TURN_S = 0.5
"""So long a worker sends before it looks whether something more important is due and other tasks get their turn."""


@shared_task(queue="live", acks_late=True)
def send() -> None:
    """Sends what is due, the highest priority first; woken by its bell, and every second. While there is plenty, each
    worker that is at it wakes one more, as many as may send at a time."""
    hear(send)
    with place(most=settings.SEND_PROCESSES, silence=timedelta(seconds=settings.SEND_LEASE_S)) as is_free:
        if is_free:
            _send_in_turn()


def _send_in_turn() -> None:
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
def count_goal(goal_id: int) -> None:
    """One that takes longer than a page waits."""
    goal = Goal.objects.filter(pk=goal_id, archived_at=None).first()
    if goal is not None:
        goals.count(goal, now=utc_now(), zone=deployment_zone())


@shared_task(queue="bulk", acks_late=True)
def count_goals() -> None:
    """Beat, nightly: how far each goal is. One whose rule cannot be read any more says so on its page."""
    for goal in goals.wanted(now=utc_now()):
        try:
            goals.count(goal, now=utc_now(), zone=deployment_zone())
        except RuleError:
            log.warning("goal %s cannot be counted: its rule cannot be read", goal.pk)


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
            n = read_triggers(now=utc_now(), zone=deployment_zone())
            if not n:
                break
            begun += n
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", str(error).split("\n", maxsplit=1)[0])
    if begun:
        ring(send)


@shared_task(queue="live", acks_late=True)
def decide_tests() -> None:
    """Beat, and woken by its bell: winners of tests whose time is up, and whoever still waits for one."""
    hear(decide_tests)
    now, zone = utc_now(), deployment_zone()
    for campaign in Campaign.objects.filter(pk__in=decide.due(now=now)):
        try:
            decide.decide(campaign, now=now)
        except decide.NothingToDecide:  # somebody decided it at this moment
            log.info("the test of campaign %s is decided already", campaign.pk)
    if decide.give_late(now=now, zone=zone):
        ring(send)


@shared_task(queue="live", acks_late=True)
def plan_due() -> None:
    """Writes the ledger of what has come; woken by its bell, and every second."""
    hear(plan_due)
    if plan_some(now=utc_now(), zone=deployment_zone()):
        ring(plan_due)
        ring(send)


@shared_task(queue="live", acks_late=True)
def judge_hits() -> None:
    """Beat: opens and clicks that waited long enough for what comes along with them."""
    for _ in range(TURN):
        if not settle_hits(now=utc_now(), hold=timedelta(seconds=settings.HIT_HOLD_S)):
            return


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


@shared_task(queue="live", acks_late=True)
def read_conversions() -> None:
    """Beat: which mails the orders and clicks of the last moments lead back to."""
    for _ in range(TURN):
        if not attribute.read_touched(now=utc_now()):
            return


@shared_task(queue="bulk", acks_late=True)
def read_conversions_again() -> None:
    """Beat, nightly: a window that was changed, a click that turned out to be a machine's."""
    now = utc_now()
    attribute.read_again(now=now, since=now - attribute.NIGHTLY)


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


@shared_task(queue="live", acks_late=True)
def post_webhooks() -> None:
    """Beat: makes messages of the news for other systems, and has what is due posted."""
    hear(post_webhooks)
    for _ in range(TURN):
        if not read_news(now=utc_now()):
            break
    background.start()


@shared_task(queue="bulk", acks_late=True)
def forget_webhook_messages() -> None:
    """Beat, nightly."""
    forget.forget(days=settings.WEBHOOK_DAYS, now=utc_now())


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
    zone, lease = deployment_zone(), timedelta(seconds=settings.SEND_LEASE_S)
    ways = keeper.ways_of(campaign, base_url=settings.PUBLIC_URL, zone=zone, now=utc_now())
    sending = Sending(campaign, ways, channel_of(campaign.account), zone, lease)
    is_first = True
    while not is_over():
        n = send_batch(sending, now=utc_now(), clock=utc_now)
        if not n:
            return
        if n == BATCH and is_first:
            ring(send)
        is_first = False
