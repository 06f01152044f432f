"""Where the state of an installation lies: everything under one folder, VAR_DIR."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100
"""Bytes; the kernel's limit is 107 and PostgreSQL appends '/.s.PGSQL.5432' to its folder."""


@dataclass(frozen=True)
class Places:
    """Paths of one installation; `sockets` may lie elsewhere, because socket paths must be short."""

    var: Path
    sockets: Path

    @classmethod
    def of(cls, var: Path) -> "Places":
        var = var.resolve()
        sockets = var / "run"
        if len(os.fsencode(sockets / "pg" / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
            digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
            sockets = Path(tempfile.gettempdir()) / f"tributary-{os.getuid()}-{digest}"
        return cls(var=var, sockets=sockets)

    @property
    def secret_key(self) -> Path:
        return self.var / "secret_key"

    @property
    def postgres_data(self) -> Path:
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
        return f"postgresql://tributary@{quote(str(self.postgres_socket), safe='')}:5432/tributary"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.valkey_socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.valkey_socket}?db=2"
