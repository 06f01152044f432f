"""Scoring: what learning one predictor and scoring everybody with it costs, features and all, beside a plain script of
pandas and scikit-learn that does the same from the same tables in the same run.

Both ask who orders in 30 days. Ours cross-validates on 6,000 rows, the script on all that it learns from, as
scikit-learn does. The parts are printed; the last line is JSON: `time_ratio` is ours / the script's, `seconds` and
`peak_mb` are ours, without PostgreSQL. PEOPLE and EVENTS set the size.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django
from django.core.management import call_command

from bench.parts import ground, visited

QUICK = bool(os.environ.get("QUICK"))
PEOPLE = int(os.environ.get("PEOPLE") or (1_000 if QUICK else 200_000))
EVENTS = int(os.environ.get("EVENTS") or 50 * PEOPLE)


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    if find_spec("pandas") is None:
        sys.exit(f"pandas is missing. Install it: {sys.executable} -m pip install -r bench/requirements.txt")
    with ground.own_servers() as places:
        django.setup()
        call_command("migrate", verbosity=0)
        from cdp.common.clock import utc_now

        now = utc_now()
        say(f"{EVENTS:,} events of {PEOPLE:,} people from the past …")
        visited.preload(profiles=PEOPLE, events=EVENTS, now=now)
        ours = run("scoring_run", now.isoformat())
        say(
            f"Ours: {ours['seconds']:.1f} s (learning {ours['training_s']:.1f}, scoring {ours['scoring_s']:.1f}),"
            f" {ours['peak_mb']:.0f} MB, {len(ours['tried'])} candidates, {ours['estimator']}, AUC {ours['auc']:.3f};"
            f" everybody's features alone {ours['features_s']:.1f} s"
        )
        peer = run("pandas_scoring", places.database_url, told=ours)
        say(
            f"pandas and scikit-learn: {peer['seconds']:.1f} s (reading {peer['reading_s']:.1f}, learning"
            f" {peer['training_s']:.1f}, scoring {peer['scoring_s']:.1f}), {peer['peak_mb']:.0f} MB,"
            f" AUC {peer['auc']:.3f}"
        )
    say(json.dumps(figures(ours, peer)))


def figures(ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    return {
        "time_ratio": round(ours["seconds"] / peer["seconds"], 3),
        "seconds": round(ours["seconds"], 1),
        "peak_mb": round(ours["peak_mb"]),
        "peer_seconds": round(peer["seconds"], 1),
        "peer_peak_mb": round(peer["peak_mb"]),
        "features_s": round(ours["features_s"], 1),
        "people": PEOPLE,
        "events": EVENTS,
        "quick": QUICK,
    }


def run(part: str, argument: str, *, told: dict[str, Any] | None = None) -> dict[str, Any]:
    """A process of its own, so that its peak is its own; threads that wait leave the core to others, as in our workers.
    The last line it prints is what it found."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.parts.{part}", argument],
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
