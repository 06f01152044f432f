"""The Celery application. Tasks name their queue, live or bulk, where they are declared."""

import gc
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from cdp.operations.backup.nightly import beat_entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

app = Celery("tributary", task_cls="cdp.operations.running:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = (
    *("cdp.pipeline", "cdp.home.tasks", "scoring.recommend.tasks", "scoring.cluster.tasks"),
    "cdp.operations.worker_lives",
    "cdp.operations.backup.tasks",
)
app.conf.beat_scheduler = "cdp.operations.beat:Scheduler"
app.autodiscover_tasks()


@worker_process_init.connect
def leave_out_what_is_loaded(**_: Any) -> None:
    """Of the collection of garbage: it would look through all modules again and again, a tenth of a second each time,
    and a mail that was being made meanwhile would seem to take too long."""
    gc.collect()
    gc.freeze()


SECOND = {"schedule": 1.0, "options": {"expires": 1}}
"""Loops look every second whether or not a bell rang; a look that was not taken in time is dropped."""

# What each is for stands in cdp/operations/schedules/words.py, for the page of schedules.
# Said at once: reading what was said would read the settings, which benches and tests choose after this import.
app.conf.beat_schedule = {
    "accounts.forget_sessions": {
        "task": "cdp.accounts.tasks.forget_sessions",
        "schedule": crontab(hour="2", minute="40"),
    },
    "pipeline.drain": {"task": "cdp.pipeline.drain", **SECOND},
    "events.fold_shapes": {"task": "cdp.events.tasks.fold_shapes", "schedule": 5.0, "options": {"expires": 5}},
    "events.make_partitions": {"task": "cdp.events.tasks.make_partitions", "schedule": 600.0},
    "events.keep_retention": {
        "task": "cdp.events.tasks.keep_retention",
        "schedule": crontab(hour="3", minute="15"),
    },
    "events.revive_analysis": {
        "task": "cdp.events.tasks.revive_analysis",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "events.forget_seen": {"task": "cdp.events.tasks.forget_seen_messages", "schedule": crontab(hour="2", minute="20")},
    "connectors.revive_imports": {
        "task": "cdp.connectors.tasks.revive_imports",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "identity.count_quality": {"task": "identity.tasks.count_quality", "schedule": crontab(minute="7")},
    "identity.revive_rules": {"task": "identity.tasks.revive_rules", "schedule": 30.0, "options": {"expires": 30}},
    "identity.match_waiting": {"task": "identity.tasks.match_waiting", **SECOND},
    "identity.match_nightly": {"task": "identity.tasks.match_nightly", "schedule": crontab(hour="1", minute="30")},
    "identity.close_answered": {
        "task": "identity.tasks.close_answered",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "identity.revive_matching": {
        "task": "identity.tasks.revive_matching",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "identity.learn_from_decisions": {
        "task": "identity.tasks.learn_from_decisions",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "identity.revive_many": {"task": "identity.tasks.revive_many", "schedule": 30.0, "options": {"expires": 30}},
    "privacy.revive": {"task": "cdp.privacy.tasks.revive", "schedule": 30.0, "options": {"expires": 30}},
    "privacy.tidy": {"task": "cdp.privacy.tasks.tidy", "schedule": crontab(hour="3", minute="5")},
    "profiles.revive": {"task": "cdp.profiles.tasks.revive", "schedule": 30.0, "options": {"expires": 30}},
    "analytics.refresh_stale": {
        "task": "cdp.analytics.tasks.refresh_stale",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "analytics.publish_cuts": {"task": "cdp.analytics.tasks.publish_cuts", "schedule": crontab(hour="2", minute="50")},
    "analytics.count": {"task": "cdp.analytics.tasks.count", "schedule": 600.0, "options": {"expires": 600}},
    # Twice a second: who leaves because time passes is out within one, also while nothing else happens.
    "segments.refresh": {"task": "segments.tasks.refresh", "schedule": 0.5, "options": {"expires": 1}},
    "segments.refresh_stale": {"task": "segments.tasks.refresh_stale", "schedule": 30.0, "options": {"expires": 30}},
    "segments.refresh_due": {"task": "segments.tasks.refresh_due", "schedule": 30.0, "options": {"expires": 30}},
    "segments.revive": {"task": "segments.tasks.revive", "schedule": 60.0, "options": {"expires": 60}},
    "segments.forget_uploads": {"task": "segments.tasks.forget_uploads", "schedule": crontab(hour="2", minute="50")},
    "segments.publish_cuts": {"task": "segments.tasks.publish_cuts", "schedule": crontab(hour="3", minute="40")},
    "segments.check_all": {"task": "segments.tasks.check_all", "schedule": crontab(hour="4", minute="30")},
    "scoring.recommend": {
        "task": "scoring.recommend.tasks.make_due_recommendations",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "scoring.run_clusterings": {
        "task": "scoring.cluster.tasks.run_due",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "scoring.watch_scores": {"task": "scoring.tasks.watch_scores", "schedule": crontab(minute="20")},
    "scoring.find_send_hours": {
        "task": "scoring.tasks.find_send_hours_nightly",
        "schedule": crontab(hour="2", minute="15"),
    },
    "scoring.work_due": {"task": "scoring.tasks.work_due", "schedule": crontab()},
    "scoring.revive": {"task": "scoring.tasks.revive", "schedule": 60.0, "options": {"expires": 60}},
    "scoring.score_waiting": {"task": "scoring.tasks.score_waiting", **SECOND},
    "scoring.score_later": {"task": "scoring.tasks.score_later", "schedule": 10.0, "options": {"expires": 10}},
    "campaigns.trigger": {"task": "campaigns.tasks.trigger", **SECOND},
    "campaigns.send": {"task": "campaigns.tasks.send", **SECOND},
    "campaigns.decide_tests": {"task": "campaigns.tasks.decide_tests", "schedule": 20.0, "options": {"expires": 20}},
    "campaigns.plan_due": {"task": "campaigns.tasks.plan_due", **SECOND},
    "campaigns.settle_unknown": {
        "task": "campaigns.tasks.settle_unknown",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "campaigns.forget_rates": {"task": "campaigns.tasks.forget_rates", "schedule": crontab(hour="2", minute="55")},
    "campaigns.ask_to_confirm": {
        "task": "campaigns.tasks.ask_to_confirm",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "campaigns.revive_checks": {"task": "campaigns.tasks.revive_checks", "schedule": 60.0, "options": {"expires": 60}},
    "campaigns.revive_codes": {"task": "campaigns.tasks.revive_codes", "schedule": 60.0, "options": {"expires": 60}},
    "campaigns.forget_code_lists": {
        "task": "campaigns.tasks.forget_code_lists",
        "schedule": crontab(hour="2", minute="35"),
    },
    "campaigns.read_conversions": {"task": "campaigns.tasks.read_conversions", **SECOND},
    "campaigns.read_conversions_again": {
        "task": "campaigns.tasks.read_conversions_again",
        "schedule": crontab(hour="3", minute="10"),
    },
    "campaigns.count_goals": {"task": "campaigns.tasks.count_goals", "schedule": crontab(hour="4", minute="50")},
    "campaigns.judge_hits": {"task": "campaigns.tasks.judge_hits", **SECOND},
    "campaigns.post_webhooks": {"task": "campaigns.tasks.post_webhooks", **SECOND},
    "campaigns.forget_webhook_messages": {
        "task": "campaigns.tasks.forget_webhook_messages",
        "schedule": crontab(hour="2", minute="45"),
    },
    "campaigns.read_redemptions": {"task": "campaigns.tasks.read_redemptions", **SECOND},
    "operations.take_sample": {
        "task": "cdp.operations.tasks.take_sample",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "operations.forget": {"task": "cdp.operations.tasks.forget", "schedule": crontab(minute="37")},
    **beat_entry(os.environ.get("BACKUP_AT", "")),
}
