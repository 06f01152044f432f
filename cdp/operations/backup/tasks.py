"""The backup of each day, if one is wanted."""

import logging
from pathlib import Path

from celery import shared_task
from django.conf import settings

from cdp.common.clock import utc_now
from cdp.operations.backup.last import folder
from cdp.operations.backup.problem import BackupProblem
from cdp.operations.backup.take import Wanted, take

log = logging.getLogger(__name__)


LONGEST_S = 24 * 3600
"""It takes as long as the database is large; the next day's is the end of it."""


@shared_task(name="cdp.operations.backup.nightly", queue="bulk", acks_late=False, soft_time_limit=LONGEST_S)
def nightly() -> str:
    """To BACKUP_TO, or VAR_DIR/backups; the newest BACKUP_KEEP stay. A failure is told by last.json and the log."""
    to = Path(settings.BACKUP_TO) if settings.BACKUP_TO else folder(settings.PLACES.var)
    try:
        last = take(Wanted(to=to, keep=settings.BACKUP_KEEP), now=utc_now(), tell=log.debug)
    except BackupProblem as problem:
        log.error("The backup failed: %s", problem)
        raise
    return str(last.path)
