"""Handing letters over one connection: pipelined where the server allows it (RFC 2920), else step by step.

A group is RSET (after a refusal), MAIL, RCPT and DATA of one letter, sent together with the content of the letter
before it: one round trip for each. Of no more than one letter the content is out without its receipt, so a broken
connection leaves one unknown at most.
"""

import time
from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass
from uuid import UUID

from campaigns.channels.base import Accepted, Deferred, Failed, Receipt
from campaigns.channels.smtp_letter import Letter, failed_by
from campaigns.channels.smtp_line import CLOSING, Broken, Reply
from campaigns.channels.smtp_open import Link

GO_ON = 354


@dataclass
class Transfer:
    """What is in `left` was not handed over; what is neither there nor in `receipts` is unknown."""

    link: Link
    left: deque[Letter]
    receipts: MutableMapping[UUID, Receipt]
    until: float
    """Of time.monotonic(): no letter is begun after it."""
    _needs_reset: bool = False

    def run(self) -> None:
        """Until none is left or time is up. Raises Broken."""
        open_: Letter | None = None
        while (following := self._following()) or open_:
            if self.link.can("PIPELINING"):
                open_ = self._pipelined(open_, following)
            elif following:
                self._step_by_step(following)

    def _following(self) -> Letter | None:
        while self.left and time.monotonic() < self.until:
            if not self.left[0].needs_utf8 or self.link.can("SMTPUTF8"):
                return self.left[0]
            letter = self.left.popleft()
            self.receipts[letter.ref] = Failed("The mail server takes no addresses with letters outside ASCII.")
        return None

    def _pipelined(self, open_: Letter | None, following: Letter | None) -> Letter | None:
        """Hands over the one that is open and opens the following. Returns that, if it may be handed over."""
        content = open_.content() if open_ else b""
        group = b"".join(self._group(following)) if following else b""
        self._send(content + group, open_, len(content))
        if open_:
            self._receive(open_)
        return following if following and self._is_opened(following) else None

    def _group(self, letter: Letter) -> tuple[bytes, ...]:
        reset = (b"RSET\r\n",) if self._needs_reset else ()
        return reset + letter.commands(self.link.abilities)

    def _is_opened(self, letter: Letter) -> bool:
        """Reads the answers to its group."""
        if self._needs_reset:
            self._reply()
            self._needs_reset = False
        mail, rcpt, data = self._reply(), self._reply(), self._reply()
        if mail.is_good and rcpt.is_good and data.code == GO_ON:
            self.left.popleft()
            return True
        refusal = next(one for one in (mail, rcpt, data) if not one.is_good)
        self._refuse(letter, refusal, of_recipient=refusal is rcpt)
        if data.code == GO_ON:  # it waits for a content although it has no recipient
            self.link.line.send(b".\r\n")
            self._reply()
        return False

    def _step_by_step(self, letter: Letter) -> None:
        if self._needs_reset:
            self.link.line.send(b"RSET\r\n")
            self._reply()
            self._needs_reset = False
        for at, command in enumerate(letter.commands(self.link.abilities)):
            self.link.line.send(command)
            reply = self._reply()
            if not (reply.code == GO_ON if command == b"DATA\r\n" else reply.is_good):
                self._refuse(letter, reply, of_recipient=at == 1)
                return
        self.left.popleft()
        content = letter.content()
        self._send(content, letter, len(content))
        self._receive(letter)

    def _send(self, data: bytes, letter: Letter | None, end: int) -> None:
        """`end`: where the content of the letter ends. Cut off before, no server takes it: it is left."""
        self.link.is_fresh = False
        try:
            self.link.line.send(data)
        except Broken as error:
            if letter and error.sent < end:
                self.left.appendleft(letter)
            raise

    def _receive(self, letter: Letter) -> None:
        reply = self.link.line.reply()
        if reply.is_good:
            self.receipts[letter.ref] = Accepted(str(reply)[:200])
        else:
            self.receipts[letter.ref] = (
                failed_by(reply, of_recipient=False) if reply.is_for_ever else Deferred(str(reply))
            )
        if reply.code == CLOSING:
            raise Broken(str(reply))

    def _refuse(self, letter: Letter, reply: Reply, *, of_recipient: bool) -> None:
        refusal = failed_by(reply, of_recipient=of_recipient) if reply.is_for_ever else Deferred(str(reply))
        self.receipts[letter.ref] = refusal
        self.left.popleft()
        self._needs_reset = True

    def _reply(self) -> Reply:
        reply = self.link.line.reply()
        if reply.code == CLOSING:
            raise Broken(str(reply))
        return reply
