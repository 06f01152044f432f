"""Libraries that ask over `requests` ask over the guarded client: its checks, its pinned addresses, its limits."""

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from cdp.common.outbound import OURS, Client, Limits, OutboundError, OutboundFailed, OutboundRefused, Received

LIMITS = Limits(total_s=30.0, connect_s=5.0, redirects=0)


class NothingSent(requests.ConnectionError):
    """The request never left: it can be made again without being made twice."""


def guarded_session(client: Client, *, limits: Limits = LIMITS) -> requests.Session:
    """Reads no proxies and passwords from the environment, and follows no redirect: an API has no need of one."""
    session = _Session()
    session.trust_env = False
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(client, limits))
    return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Adapter(BaseAdapter):
    def __init__(self, client: Client, limits: Limits) -> None:
        super().__init__()
        self._client = client
        self._limits = limits

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        try:
            received = self._client.send(
                request.method or "GET",
                request.url or "",
                headers=_headers(request),
                body=_body(request),
                limits=self._limits,
            )
        except OutboundError as error:
            kind = NothingSent if _is_unsent(error) else requests.ConnectionError
            raise kind(str(error), request=request) from error
        return _response(received, request)

    def close(self) -> None:
        """The client is closed by whoever opened it."""


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    named = ((_text(name), _text(value)) for name, value in request.headers.items())
    return {name: value for name, value in named if name.lower() not in OURS}


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError("Only bodies that are known as a whole are sent.")


def _response(received: Received, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = received.status
    response.headers = CaseInsensitiveDict(received.headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response._content = received.body
    response.url = received.url
    response.request = request
    return response


def _is_unsent(error: OutboundError) -> bool:
    return isinstance(error, OutboundRefused) or (isinstance(error, OutboundFailed) and error.is_unsent)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
