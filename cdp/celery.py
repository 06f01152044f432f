"""The Celery application. Tasks name their queue, live or bulk, where they are declared."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

# Root is the usual user of a container. What Celery warns of, pickled tasks, is switched off.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("tributary")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.imports = ("cdp.pipeline",)

SECOND = {"schedule": 1.0, "options": {"expires": 1}}
"""Loops look every second whether or not a bell rang; a look that was not taken in time is dropped."""

app.conf.beat_schedule = {
    "pipeline.drain": {"task": "cdp.pipeline.drain", **SECOND},
    "events.fold_shapes": {"task": "cdp.events.tasks.fold_shapes", "schedule": 5.0, "options": {"expires": 5}},
    "events.make_partitions": {"task": "cdp.events.tasks.make_partitions", "schedule": 600.0},
    "events.forget_seen": {
        "task": "cdp.events.tasks.forget_seen_messages",
        "schedule": crontab(hour="2", minute="20"),
    },
}
