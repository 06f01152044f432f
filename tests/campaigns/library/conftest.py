from collections.abc import Iterator

import pytest
from django.core.cache import cache

from campaigns.content.sampled import forget


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What is known of people is kept for half a minute, and pictures for an hour: neither outlives a test."""
    forget()
    cache.clear()
    yield
    forget()
