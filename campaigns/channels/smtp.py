"""Any mail server that speaks SMTP, over connections that are kept."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.channels.base import EMAIL, Deferred, Message, Receipt
from campaigns.channels.smtp_kept import Kept, kept
from campaigns.channels.smtp_letter import Letter, letter_of
from campaigns.channels.smtp_line import Broken, CannotConnect
from campaigns.channels.smtp_open import Server
from campaigns.channels.smtp_transfer import Transfer

HAND_S = 200.0
"""Time for what is handed over at once. With one answer more to wait for it ends before the ledger's lease."""
MOST_BREAKS = 3
"""In a row without a single receipt: then the others wait too."""


@dataclass(frozen=True)
class Smtp:
    server: Server
    return_path: str = ""
    """Where bounces go; empty: to the sender."""
    connections: int = 1
    """At once. One is best near by; far away each takes its share of the waiting."""
    pool: Kept = kept
    hand_s: float = HAND_S
    namespace: str = EMAIL

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        until = time.monotonic() + self.hand_s
        receipts: dict[UUID, Receipt] = {}
        letters: list[Letter] = []
        for message in messages:
            made = letter_of(message, return_path=self.return_path)
            if isinstance(made, Letter):
                letters.append(made)
            else:
                receipts[message.ref] = made
        n = max(1, min(self.connections, len(letters)))
        shares = [letters[at::n] for at in range(n)]
        if n == 1:
            return receipts | self._share(shares[0], until)
        with ThreadPoolExecutor(n) as threads:
            for done in threads.map(lambda share: self._share(share, until), shares):
                receipts |= done
        return receipts

    def _share(self, letters: Sequence[Letter], until: float) -> dict[UUID, Receipt]:
        left = deque(letters)
        receipts: dict[UUID, Receipt] = {}
        breaks, why = 0, "There was no time left: the mail server is slow."
        while left and time.monotonic() < until and breaks < MOST_BREAKS:
            known, head = len(receipts), left[0]
            try:
                link = self.pool.take(self.server)
            except CannotConnect as error:
                why = str(error)
                break
            was_fresh = link.is_fresh
            try:
                Transfer(link, left, receipts, until).run()
                self.pool.give(self.server, link)
            except Broken as error:
                link.line.close()
                why = str(error)
                breaks = 0 if len(receipts) > known else breaks + was_fresh
                if breaks == MOST_BREAKS - 1 and left and left[0] is head:  # it may be what the server breaks on
                    receipts[left.popleft().ref] = Deferred(why)
        return receipts | {one.ref: Deferred(why) for one in left}
