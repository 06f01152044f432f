"""Posting what is due: each endpoint has a lane of its own, so that a slow one holds nobody up but itself."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.claims import DOUBTED, LANE, claim, give_back
from campaigns.webhooks.post import Posted, post, secrets_of
from campaigns.webhooks.settle import Result, settle
from cdp.common.clock import stopwatch
from cdp.common.outbound import Client

WIDTH = 8
"""Requests to one endpoint at once."""
MOST_THREADS = 256
"""Enough for 32 endpoints that all are slow; idle threads are not made."""
LOOK_S = 0.25
"""How often, while requests are under way, others are looked for."""
SETTLE_S = 0.1
"""A worker that is killed leaves the answers of so long unsettled: their messages are posted again."""
TURN_S = 30.0
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class With:
    """What posting needs of the world."""

    client: Client
    keys: Sequence[str]
    clock: Clock
    random: Random


@dataclass
class Lane:
    endpoint: Endpoint
    secrets: Sequence[str] = field(repr=False)
    waiting: deque[WebhookMessage]
    n_under_way: int = 0

    @property
    def width(self) -> int:
        return 1 if self.endpoint.failures >= DOUBTED else WIDTH


@dataclass
class Turn:
    given: With
    pool: ThreadPoolExecutor
    lanes: dict[int, Lane] = field(default_factory=dict)
    under_way: dict[Future[Posted], tuple[Lane, WebhookMessage]] = field(default_factory=dict)
    n_posted: int = 0
    elapsed_s: Callable[[], float] = field(default_factory=stopwatch)
    looked_s: float = 0.0
    heard: list[Result] = field(default_factory=list)
    """Answered and not settled yet."""
    settled_s: float = 0.0
    is_urgent: bool = False

    @property
    def is_to_look(self) -> bool:
        return not self.lanes or self.elapsed_s() - self.looked_s >= LOOK_S

    def take(self) -> None:
        """Messages for the lanes that have none at hand."""
        self.looked_s = self.elapsed_s()
        busy = [pk for pk, lane in self.lanes.items() if lane.waiting]
        now = self.given.clock()
        claimed = claim(now=now, but=busy)
        for pk, endpoint in Endpoint.objects.in_bulk(list(claimed)).items():
            under_way = self.lanes[pk].n_under_way if pk in self.lanes else 0
            secrets = secrets_of(endpoint, keys=self.given.keys, now=now)
            self.lanes[pk] = Lane(endpoint, secrets, deque(claimed[pk]), under_way)

    def start(self) -> None:
        for lane in self.lanes.values():
            while lane.waiting and lane.n_under_way < lane.width:
                message = lane.waiting.popleft()
                lane.n_under_way += 1
                self.under_way[self.pool.submit(self._post, lane, message)] = lane, message

    def hear(self) -> None:
        """Takes note of answers, after at most a while."""
        done, _ = wait(self.under_way, timeout=SETTLE_S, return_when=FIRST_COMPLETED)
        for one in done:
            lane, message = self.under_way.pop(one)
            lane = self.lanes.get(message.endpoint_id, lane)
            lane.n_under_way -= 1
            self.heard.append(Result(message, posted := one.result()))
            if not posted.is_delivered:
                # What is known of the endpoint once this is settled decides how many the next claim takes.
                self.give_back([lane])
                self.is_urgent = True
        self.lanes = {pk: lane for pk, lane in self.lanes.items() if lane.waiting or lane.n_under_way}

    def settle(self) -> None:
        """Several at once: a transaction for each answer would take longer than the request."""
        is_time = self.elapsed_s() - self.settled_s >= SETTLE_S or len(self.heard) >= LANE
        if self.heard and (is_time or self.is_urgent or not self.under_way):
            self.n_posted += settle(self.heard, now=self.given.clock(), random=self.given.random)
            self.heard, self.settled_s, self.is_urgent = [], self.elapsed_s(), False

    def give_back(self, lanes: Iterable[Lane]) -> None:
        """What was claimed for them and not posted."""
        held = [lane.waiting.popleft() for lane in lanes for _ in range(len(lane.waiting))]
        give_back(held, now=self.given.clock())

    def _post(self, lane: Lane, message: WebhookMessage) -> Posted:
        """In a thread: touches no database."""
        given = self.given
        return post(lane.endpoint.url, message, valid=lane.secrets, client=given.client, now=given.clock())


def deliver(given: With, *, within_s: float = TURN_S) -> int:
    """Posts what is due until nothing is, or until so long has passed. Returns how many attempts were settled.

    Not inside a transaction: a claim is committed before the first byte leaves.
    """
    with ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="webhook") as pool:
        turn = Turn(given, pool)
        while True:
            if turn.elapsed_s() >= within_s:
                turn.give_back(turn.lanes.values())
            elif turn.is_to_look:
                turn.take()
            turn.start()
            if not turn.under_way:
                return turn.n_posted
            turn.hear()
            turn.settle()
