"""One readable log of all processes: on the terminal, and in VAR_DIR/logs with rotation."""

import logging
import logging.handlers
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
WIDTH = 8


class Log:
    """Lines from many threads, each written whole."""

    def __init__(self, folder: Path, terminal: IO[str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
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
