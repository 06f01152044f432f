"""Where the state of an installation lies: everything under one folder, VAR_DIR."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100
"""Bytes. The kernel's limit is 107 with the closing NUL; PostgreSQL adds '.lock' beside the socket."""

AWKWARD = re.compile(r"[^A-Za-z0-9/._-]")
"""What a URL or a server's settings would need quoted, each in its own way."""


@dataclass(frozen=True)
class Places:
    """Paths of one installation; `sockets` may lie elsewhere: their paths must be short."""

    var: Path
    sockets: Path

    @classmethod
    def of(cls, var: Path, *, uid: int | None = None) -> "Places":
        var = var.resolve()
        sockets = var / "run"
        uid = os.getuid() if uid is None else uid
        too_long = len(os.fsencode(sockets / "pg" / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH
        if uid == 0 or too_long or AWKWARD.search(str(sockets)):
            sockets = short_folder(var, uid)
        return cls(var=var, sockets=sockets)

    @property
    def secret_key(self) -> Path:
        return self.var / "secret_key"

    @property
    def postgres_data(self) -> Path:
        """As root this can be a link to a folder that PostgreSQL's own user can reach."""
        return self.var / "postgres"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / "pg"

    @property
    def valkey_data(self) -> Path:
        return self.var / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def locks(self) -> Path:
        return self.var / "locks"

    @property
    def run_record(self) -> Path:
        """What the running (or killed) `manage.py up` left about itself."""
        return self.var / "locks" / "up.json"

    @property
    def demo_wanted(self) -> Path:
        """Stands from the first start until the demo shop is complete."""
        return self.var / "demo-wanted"

    @property
    def static_stamp(self) -> Path:
        return self.var / "static.stamp"

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def static(self) -> Path:
        return self.var / "static"

    @property
    def media(self) -> Path:
        return self.var / "media"

    @property
    def beat_schedule(self) -> Path:
        return self.var / "beat-schedule"

    @property
    def database_url(self) -> str:
        return self.database_url_of("tributary")

    def database_url_of(self, name: str) -> str:
        return f"postgresql://tributary@{quote(str(self.postgres_socket), safe='')}:5432/{name}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.valkey_socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.valkey_socket}?db=2"


def short_folder(var: Path, uid: int) -> Path:
    """A short and plain path that depends on nothing but the folder and the user.

    Not the environment's TMPDIR: two commands in two shells must find the same sockets. Root always
    gets one, because the unprivileged user that PostgreSQL runs as may not be able to enter `var`.
    """
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    base = Path("/run") if uid == 0 and Path("/run").is_dir() else Path("/tmp")  # noqa: S108
    return base / f"tributary-{uid}-{digest}"
