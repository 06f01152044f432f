"""pg_dump and pg_restore: those of the wheel, of the machine, or of POSTGRES_BIN, whichever fit the server."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdp.operations.backup.problem import BackupProblem, of_program
from cdp.runtime.binaries import NoBinary, postgres_binaries
from cdp.runtime.server import bare_environment

OLDEST_SERVER = 15
VARIABLES = {
    "dbname": "PGDATABASE",
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
}
"""How to connect goes by the environment: arguments can be read by everybody on the machine."""
TLS = frozenset({"require", "verify-ca", "verify-full"})
SAYS = re.compile(r'(?:dumping contents of|processing data for) table "(.+)"')


@dataclass(frozen=True)
class Programs:
    folder: Path
    version: int

    def run(self, name: str, *arguments: str, environment: Mapping[str, str], told: Callable[[str], None]) -> None:
        """`told` hears each table whose content is on its way."""
        command = [str(self.folder / name), *arguments]
        said: list[str] = []
        with subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=bare_environment() | dict(environment),
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                said = [*said[-40:], line]
                if found := SAYS.search(line):
                    told(found[1])
        if process.returncode:
            raise of_program(name, "".join(line for line in said if "error" in line or ":  " in line) or "".join(said))

    @contextmanager
    def list_without_schema(self, dump: Path, folder: Path) -> Iterator[Path]:
        """A file that names what to restore of a dump: all but the schema `public`, which every database has."""
        command = [str(self.folder / "pg_restore"), "--list", str(dump)]
        listed = subprocess.run(command, capture_output=True, text=True, check=False, env=bare_environment())  # noqa: S603
        if listed.returncode:
            raise of_program("pg_restore", listed.stderr)
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix="restore-", suffix=".list") as file:
            file.writelines(line for line in listed.stdout.splitlines(True) if " SCHEMA - public " not in line)
            file.flush()
            yield Path(file.name)


def programs_for(server_version: int, parameters: Mapping[str, Any]) -> Programs:
    """The first found that is at least as new as the server."""
    if server_version < OLDEST_SERVER:
        raise BackupProblem(f"The server is PostgreSQL {server_version}: Tributary needs {OLDEST_SERVER} or later.")
    fitting = [found for found in _found(parameters) if found.version >= server_version]
    if not fitting:
        raise BackupProblem(
            f"No pg_dump for PostgreSQL {server_version} was found. Install its client programs"
            " (Debian, Ubuntu: postgresql-client) or set POSTGRES_BIN to their folder."
        )
    return fitting[0]


def _found(parameters: Mapping[str, Any]) -> Iterator[Programs]:
    named = os.environ.get("POSTGRES_BIN")
    if named:
        yield Programs(Path(named), _version(Path(named)))
        return
    if parameters.get("sslmode") not in TLS:
        # The wheel's programs know no TLS.
        try:
            folder = postgres_binaries().bin
        except NoBinary:
            folder = None
        if folder:
            yield Programs(folder, _version(folder))
    on_path = shutil.which("pg_dump")
    if on_path and shutil.which("pg_restore"):
        yield Programs(Path(on_path).parent, _version(Path(on_path).parent))


def _version(folder: Path) -> int:
    command = [str(folder / "pg_dump"), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise BackupProblem(f"{folder} has no pg_dump that runs: {error}") from error
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise BackupProblem(f"{folder}/pg_dump does not tell its version.")
    return int(found[1])


def environment_of(parameters: Mapping[str, Any], *, database: str | None = None) -> dict[str, str]:
    """For a program that talks to the database of these connection parameters, or to another one beside it."""
    given = dict(parameters) | ({"dbname": database} if database else {})
    known = {VARIABLES[name]: str(value) for name, value in given.items() if name in VARIABLES and value}
    return known | {"PGAPPNAME": "tributary backup", "PGCONNECT_TIMEOUT": "10"}
