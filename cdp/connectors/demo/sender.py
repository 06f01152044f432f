"""Sends messages to a tracking endpoint as a server's SDK does: one connection, batches, patience."""

import base64
import http.client
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 10
LONGEST_WAIT_S = 30.0


class NobodyAnswers(OSError):
    """Nothing answers at this address. Start the product with `make run`, or name another address with --url."""


class NotAccepted(ValueError):
    """The endpoint refuses what is sent, and would again; the message says why."""


@dataclass
class Sender:
    """`sleep` is given, so that tests need not wait."""

    url: str
    key: str
    sleep: Callable[[float], None]
    accepted: int = 0
    refused: int = 0
    waits: int = 0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotAccepted(f"{self.url} is not an http address.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
        self._path = parts.path.rstrip("/") + "/v1/batch"

    def send(self, messages: Sequence[dict[str, Any]], *, sent_at: str) -> None:
        """Until it is acknowledged: repeats are harmless, because the message ids stay the same."""
        body = json.dumps({"batch": list(messages), "sentAt": sent_at}).encode()
        while True:
            status, answer, wait_s = self._post(body)
            if status == http.client.OK:
                self.accepted += answer.get("accepted", len(messages))
                self.refused += len(answer.get("refused", ()))
                return
            if status < http.client.INTERNAL_SERVER_ERROR and status != http.client.TOO_MANY_REQUESTS:
                raise NotAccepted(f"{status}: {answer.get('message', 'no reason given')}")
            self.waits += 1
            self.sleep(min(wait_s, LONGEST_WAIT_S))

    def _post(self, body: bytes) -> tuple[int, dict[str, Any], float]:
        credentials = base64.b64encode(f"{self.key}:".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        for is_last in (False, True):  # the server may have closed a connection that lay idle
            try:
                self._connection.request("POST", self._path, body, headers)
                answer = self._connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if is_last:
                    raise NobodyAnswers(f"{NobodyAnswers.__doc__} ({self.url})") from error
        wait = answer.headers.get("Retry-After", "1")
        return answer.status, _read(text), float(wait) if wait.isdigit() else 1.0

    def close(self) -> None:
        self._connection.close()


def _read(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
