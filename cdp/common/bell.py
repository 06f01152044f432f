"""Bells wake the loops early. Losing one delays by a second and loses nothing, so no answer ever waits for it."""

import logging
from typing import Any

from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

LOUD_S = 2
"""A bell that rang and was not heard for so long may ring again."""

log = logging.getLogger(__name__)


def ring(task: "Task[Any, Any]") -> None:
    """One waiting run is enough: further rings are swallowed until it starts."""
    try:
        if cache.add(_key(task), 1, timeout=LOUD_S):
            task.apply_async(retry=False)
    except (OperationalError, RedisError) as error:
        log.warning("The bell of %s was not heard: %s", task.name, type(error).__name__)


def ask(task: "Task[Any, Any]", *arguments: Any) -> None:
    """Asks for a worker for this piece of work at once. Without the broker beat asks a little later: the row that
    `arguments` name is the truth."""
    try:
        task.apply_async(arguments, retry=False)
    except (OperationalError, RedisError) as error:
        log.warning("The bell of %s %s was not heard: %s", task.name, arguments[0], type(error).__name__)


def hear(task: "Task[Any, Any]") -> None:
    """Called first by the task: what comes from now on rings again."""
    try:
        cache.delete(_key(task))
    except RedisError:
        log.warning("The bell of %s could not be reset.", task.name)


def _key(task: "Task[Any, Any]") -> str:
    return f"bell:{task.name}"
