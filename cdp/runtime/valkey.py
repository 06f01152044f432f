"""The embedded Valkey: broker of the bells and cache, with its append-only file in VAR_DIR."""

import signal
from dataclasses import dataclass, field
from pathlib import Path

import redis

from cdp.runtime import processes
from cdp.runtime.binaries import valkey_binary
from cdp.runtime.places import Places
from cdp.runtime.server import (
    Program,
    ServerDidNotStart,
    Spawned,
    ended,
    make_socket_folder,
    recorded_pid,
)

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 20.0


@dataclass
class Valkey:
    places: Places
    durable: bool = True
    name: str = "valkey"
    _spawned: Spawned | None = field(default=None, repr=False)

    @property
    def pid_file(self) -> Path:
        return self.places.valkey_data / "valkey.pid"

    @property
    def conf(self) -> Path:
        return self.places.valkey_data / "valkey.conf"

    def pid(self) -> int | None:
        """Its pid, if the number in the file is not a stranger's by now."""
        if self._spawned is not None and not self._spawned.has_ended():
            # It may not have written its file yet.
            return self._spawned.process.pid
        pid = recorded_pid(self.pid_file)
        if pid is None or not processes.is_alive(pid):
            return None
        return pid if f"valkey-server {self.conf}" in processes.command_line(pid) else None

    def is_running(self) -> bool:
        return self.pid() is not None

    def start(self) -> None:
        if not self.is_running():
            make_socket_folder(self.places)
            self.places.valkey_data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.conf.write_text(self._settings_file())
            program = Program(command=(str(valkey_binary()), str(self.conf)), log=self.places.logs / "valkey.log")
            self.pid_file.unlink(missing_ok=True)
            self._spawned = program.spawn()
        self._wait_until_ready()

    def _settings_file(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": quoted(self.places.valkey_socket),
            "unixsocketperm": "700",
            "dir": quoted(self.places.valkey_data),
            "pidfile": quoted(self.pid_file),
            # So that the command line tells whose server this is.
            "proc-title-template": '"valkey-server {config-file}"',
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return "\n".join(f"{name} {value}" for name, value in settings.items()) + "\n"

    def _wait_until_ready(self) -> None:
        if not processes.wait_until(
            lambda: self._answers() or not self.is_running(), within_s=READY_WITHIN_S, every_s=0.02
        ):
            raise ServerDidNotStart(f"Valkey still loads after {READY_WITHIN_S:.0f} s; see {self.places.logs}.")
        if not self._answers():
            said = self._spawned.said() if self._spawned else ""
            raise ServerDidNotStart(f"Valkey did not start:\n{said}")

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.places.valkey_socket), socket_timeout=5)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def stop(self, *, hurry: bool = False) -> None:
        pid = self.pid()
        if pid is None:
            return
        processes.send(pid, signal.SIGTERM)
        if not processes.wait_until(lambda: ended(pid, self._spawned), within_s=3 if hurry else STOP_WITHIN_S):
            processes.send(pid, signal.SIGKILL)


def quoted(path: Path) -> str:
    """As Valkey's settings file wants it."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
