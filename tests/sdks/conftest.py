"""A real client, the collector, the pipeline: what a client sent must stand in one profile."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cdp.common.clock import utc_now
from cdp.events.models import Event, InboxBatch, RejectedMessage
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from tests.collecting import a_key, collector
from tests.sdks.flaky import Flaky
from tests.serving import Serving
from tests.unmanaged import empty_unmanaged_tables


@dataclass
class Endpoint:
    """Where a client is pointed at, and what came of it."""

    url: str
    key: str
    flaky: Flaky

    def check_posts(self, n: int) -> None:
        assert len(self.flaky.posts) >= n, f"only {self.flaky.posts} arrived"

    def drained(self) -> list[Event]:
        """The stored events, after everything in the inbox went through the pipeline."""
        while InboxBatch.objects.exists():
            drain("live", now=utc_now())
        rejected = list(RejectedMessage.objects.exclude(code="duplicate").values_list("code", "reason"))
        assert rejected == []
        return list(Event.objects.order_by("name"))


@pytest.fixture
def endpoint(transactional_db: None, tmp_path: Path) -> Iterator[Endpoint]:
    flaky = Flaky(collector(tmp_path))
    with Serving(flaky) as serving:
        yield Endpoint(serving.url, a_key("sdk"), flaky)
    empty_unmanaged_tables()


def the_only_profile() -> Profile:
    return Profile.objects.get(merged_into=None)
