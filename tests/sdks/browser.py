"""A page of a shop in Chromium, served from a port of its own, so that every request is cross-origin."""

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser


@contextmanager
def shop(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serves the files, by path; yields the shop's address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.split("?")[0])
            self.send_response(200 if body is not None else 404)
            self.send_header("content-type", "text/javascript" if self.path.endswith("js") else "text/html")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def visit(browser: Browser, url: str, *, until: Callable[[], None]) -> list[str]:
    """Opens the page, waits, and returns the hosts it talked to."""
    hosts: set[str] = set()
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(url)
        wait_in_page(page.wait_for_timeout, until)
    return sorted(hosts)


def wait_in_page(wait_ms: Callable[[float], None], until: Callable[[], None]) -> None:
    """Lets the browser's events go on while `until` fails."""
    for _ in range(150):
        try:
            until()
        except AssertionError:
            wait_ms(200)
        else:
            return
    until()
