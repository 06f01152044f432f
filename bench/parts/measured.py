"""Seconds and peak memory of a command. Linux lets a child's peak begin with that of the process that forked it, so a
small process stands between the bench and what it measures.

    python -m bench.parts.measured COMMAND …      prints one JSON object
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

_STATUS = Path("/proc/self/status")


def own_peak_mb() -> float:
    """Of this program alone, where the system tells it (Linux)."""
    if _STATUS.exists():
        lines = (line.split() for line in _STATUS.read_text().splitlines())
        return next(int(parts[1]) for parts in lines if parts[0] == "VmHWM:") / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    start = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak)}))
