"""The Celery application. Tasks name their queue, live or bulk, where they are declared."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

# Root is the usual user of a container. What Celery warns of, pickled tasks, is switched off.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("tributary")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
