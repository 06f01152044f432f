from collections.abc import Iterator

import pytest

from campaigns.content.sampled import forget


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What is known of people is kept for half a minute: it does not outlive a test."""
    forget()
    yield
    forget()
