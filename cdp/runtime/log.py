"""One readable log of all processes: on the terminal, and in VAR_DIR/logs with rotation."""

import json
import logging
import logging.handlers
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from cdp.runtime.masking import masked

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
WIDTH = 8


class Log:
    """Lines from many threads, each written whole; with LOG_FORMAT=json each is an object."""

    def __init__(self, folder: Path, terminal: IO[str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._is_json = os.environ.get("LOG_FORMAT", "").strip().lower() == "json"
        self._terminal = terminal if terminal is not None else sys.stdout
        self._coloured = self._terminal.isatty()
        self._lock = threading.Lock()
        self._colour_of: dict[str, int] = {}
        self._file = logging.handlers.RotatingFileHandler(
            folder / "tributary.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8"
        )

    def line(self, name: str, text: str) -> None:
        with self._lock:
            now = datetime.now(UTC)
            if self._is_json:
                line = as_json(name, text, now)
                self._file.emit(logging.makeLogRecord({"msg": line}))
                self._write(line)
                return
            self._to_file(f"{now:%Y-%m-%d %H:%M:%S} {name:<{WIDTH}} {text}")
            self._to_terminal(f"{now:%H:%M:%S}", name, text)

    def plain(self, text: str) -> None:
        """A message to the user rather than a line of the log; what is secret stays out of the file."""
        with self._lock:
            self._write(text)

    def _to_file(self, line: str) -> None:
        self._file.emit(logging.makeLogRecord({"msg": line}))

    def _to_terminal(self, time_of_day: str, name: str, text: str) -> None:
        label = f"{time_of_day} {name:<{WIDTH}} |"
        if self._coloured:
            colour = self._colour_of.setdefault(name, COLOURS[len(self._colour_of) % len(COLOURS)])
            label = f"\033[{colour}m{label}\033[0m"
        self._write(f"{label} {text}")

    def _write(self, text: str) -> None:
        try:
            self._terminal.write(text + "\n")
            self._terminal.flush()
        except (OSError, ValueError):
            # The terminal is gone (a closed pipe, a closed window): the file goes on.
            pass

    def follow(self, name: str, lines: IO[bytes]) -> threading.Thread:
        """Copies what a process writes, until it and all its children have closed the pipe."""

        def copy() -> None:
            for raw in lines:
                text = raw.decode(errors="replace").rstrip()
                if text:
                    self.line(name, text)
            lines.close()

        thread = threading.Thread(target=copy, name=f"log of {name}", daemon=True)
        thread.start()
        return thread


def as_json(name: str, text: str, now: datetime) -> str:
    """What a process wrote as an object says also which process it was; any other line becomes its message."""
    try:
        said: Any = json.loads(text) if text.startswith("{") else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        time = now.isoformat(timespec="milliseconds")
        said = {"time": time, "level": "INFO", "logger": "process", "message": masked(text)}
    return json.dumps({**said, "process": name}, ensure_ascii=False)
