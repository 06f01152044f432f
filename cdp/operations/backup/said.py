"""What a long command does right now: one line that changes on a terminal, nothing elsewhere."""

import time
from typing import TextIO

WIDTH = 100


class Said:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._began_s = time.monotonic()

    def __call__(self, what: str) -> None:
        if self._is_terminal:
            line = f"{time.monotonic() - self._began_s:6.0f} s  {what}"[:WIDTH]
            self._stream.write(f"\r{line:<{WIDTH}}")
            self._stream.flush()

    def close(self) -> None:
        if self._is_terminal:
            self._stream.write(f"\r{'':<{WIDTH}}\r")
            self._stream.flush()
