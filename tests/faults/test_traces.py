"""Proof S8, last of all: everyone's address and phone number stand in the database and nowhere else.

Whatever the tests before did to the product has left its traces in its logs and in its broker's file by now.
"""

import os
import signal
import urllib.error
import urllib.parse
import urllib.request

from tests.faults.bad import bad
from tests.faults.crowd import CANARY, PHONE_CANARY
from tests.faults.sdk import Heard, Sdk
from tests.faults.tables import Tables
from tests.product import Product

CANARIES = (CANARY, urllib.parse.quote(CANARY), PHONE_CANARY, urllib.parse.quote(PHONE_CANARY))
ADDRESS = f"page{CANARY}"


def page(product: Product, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(f"{product.url}{path}", data, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def files_with_canaries(product: Product) -> list[str]:
    """Of the whole state folder but PostgreSQL's data; its logs, wherever they lie, are looked into."""
    data = (product.var / "postgres").resolve()
    outside = [path for path in product.var.rglob("*") if not path.is_relative_to(product.var / "postgres")]
    looked_into = [path for path in (*outside, *(data / "log").rglob("*")) if path.is_file()]
    assert {"tributary.log", "terminal.txt"} <= {path.name for path in looked_into}
    assert any(path.suffix == ".aof" for path in looked_into), "the broker's file, with the arguments of each task"
    assert any(path.parent == data / "log" for path in looked_into)
    wanted = [canary.encode() for canary in CANARIES]
    return [str(path) for path in looked_into if any(canary in path.read_bytes() for canary in wanted)]


def test_s8_addresses_and_phone_numbers_are_in_no_log_no_task_and_no_error_page(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    pages = []
    query = urllib.parse.urlencode({"email": ADDRESS, "phone": PHONE_CANARY})
    for path in (f"/nowhere/{ADDRESS}?{query}", f"/accounts/login/?{query}", f"/?next={ADDRESS}", f"/%00{ADDRESS}"):
        pages.append(page(hardened, path))
    pages += [page(hardened, "/accounts/login/", {"username": ADDRESS, "password": PHONE_CANARY}) for _ in range(6)]
    sdk = Sdk(hardened.url, keys["traces"], Heard())
    sdk.post("/v1/batch", b'{"batch":[' + b",".join(map(bad, range(100, 120))) + b"]}")
    sdk.post("/v1/track", b'{"userId": "' + ADDRESS.encode())
    os.kill(hardened.postmaster_pid(), signal.SIGKILL)
    for path in (f"/?{query}", f"/accounts/login/?{query}", f"/segments/?{query}", f"/accounts/reset/{ADDRESS}/"):
        pages.append(page(hardened, path))
    sdk.post("/v1/batch", b'{"batch":[' + bad(1) + b"]}")
    tables.wait_until_quiet(within_s=60)
    assert {status for status, _ in pages} & {404, 403}
    for status, text in pages:
        if status >= 400:
            assert not any(canary in text for canary in CANARIES), (status, text)
    assert tables.ask("select count(*) from profiles_identifier where value like %s", f"%{CANARY}")[0][0] > 0
    assert files_with_canaries(hardened) == []
