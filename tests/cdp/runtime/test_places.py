"""Socket paths must be short and plain, and the same from every shell."""

import os
from pathlib import Path

import pytest

from cdp.runtime.places import LONGEST_SOCKET_PATH, Places


@pytest.mark.parametrize(
    ("var", "uid", "sockets"),
    [
        ("/srv/shop/var", 1000, "/srv/shop/var/run"),
        ("/srv/shop/" + "x" * 90, 1000, "/tmp/tributary-1000-"),
        ("/srv/my shop/var", 1000, "/tmp/tributary-1000-"),
        ("/srv/café/var", 1000, "/tmp/tributary-1000-"),
        ("/srv/it's/var", 1000, "/tmp/tributary-1000-"),
    ],
)
def test_sockets_lie_in_var_unless_their_path_is_long_or_awkward(var: str, uid: int, sockets: str) -> None:
    places = Places.of(Path(var), uid=uid)
    assert str(places.sockets).startswith(sockets)
    assert len(os.fsencode(places.postgres_socket / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH


def test_root_always_gets_sockets_that_another_user_can_reach() -> None:
    places = Places.of(Path("/srv/shop/var"), uid=0)
    assert places.sockets.parent in (Path("/run"), Path("/tmp"))
    assert places.sockets != Places.of(Path("/srv/other/var"), uid=0).sockets


def test_sockets_do_not_depend_on_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    var = Path("/srv/shop/" + "x" * 90)
    before = Places.of(var, uid=1000)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert Places.of(var, uid=1000) == before


def test_addresses_name_the_sockets() -> None:
    places = Places.of(Path("/srv/shop/var"), uid=1000)
    assert places.database_url == "postgresql://tributary@%2Fsrv%2Fshop%2Fvar%2Frun%2Fpg:5432/tributary"
    assert places.broker_url == "redis+socket:///srv/shop/var/run/valkey.sock?virtual_host=0"
    assert places.cache_url == "unix:///srv/shop/var/run/valkey.sock?db=2"
