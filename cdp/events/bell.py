"""Tells the pipeline that something has arrived. Losing a bell delays by a second and never loses."""

import logging
import threading
import time

from celery import current_app

EVERY_S = 0.3
"""At most so often per process, however much arrives."""
GRUMBLE_EVERY_S = 60.0

logger = logging.getLogger(__name__)

_rung = threading.Event()
_start = threading.Lock()
_ringer: threading.Thread | None = None


def ring() -> None:
    """Never blocks and never fails."""
    if _ringer is None or not _ringer.is_alive():
        _start_ringer()
    _rung.set()


def _start_ringer() -> None:
    global _ringer
    with _start:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_ring_on, name="bell", daemon=True)
            _ringer.start()


def _ring_on() -> None:
    grumbled_s = float("-inf")
    while True:
        _rung.wait()
        _rung.clear()
        try:
            current_app.send_task("cdp.pipeline.drain", queue="live", expires=10, retry=False)
        except Exception as error:  # whatever a broker may raise: the loops look every second anyway
            if time.monotonic() - grumbled_s > GRUMBLE_EVERY_S:
                logger.warning("The broker does not answer (%s); the loops go on without it.", type(error).__name__)
                grumbled_s = time.monotonic()
        time.sleep(EVERY_S)
