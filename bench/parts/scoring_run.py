"""Our side of the bench of scoring: one predictor learned, and everybody scored by two workers.

python -m bench.parts.scoring_run NOW      prints its steps, then one JSON object
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import django

DAYS = 30
WORKERS = 2


def main() -> None:
    django.setup()
    if sys.argv[1] == "worker":
        work()
        return
    now = datetime.fromisoformat(sys.argv[1])
    with worker() as other:
        print(json.dumps(run(now, other)))


def run(now: datetime, other: "subprocess.Popen[str]") -> dict[str, Any]:
    from bench.parts.measured import own_peak_mb
    from scoring.features import Wanted, features_as_of
    from scoring.models import Predictor, Score
    from scoring.train import train

    predictor = Predictor.objects.create(name="Buys", kind=Predictor.Kind.PURCHASE, days=DAYS, created_at=now)
    started = time.perf_counter()
    version = train(predictor, now=now)
    trained_s = time.perf_counter() - started
    predictor.active = version  # whether or not it proved useful: it is the cost that is measured
    predictor.save(update_fields=["active"])
    scoring_mb = score(predictor, now, other)
    took_s = time.perf_counter() - started
    alone = time.perf_counter()
    features_as_of(now, wanted=Wanted())
    return {
        "seconds": took_s,
        "training_s": trained_s,
        "scoring_s": took_s - trained_s,
        "features_s": time.perf_counter() - alone,
        "peak_mb": max(own_peak_mb(), scoring_mb),
        "people": Score.objects.filter(predictor_id=predictor.pk).count(),
        "auc": version.quality["auc"],
        "estimator": version.estimator,
        "tried": [{"name": one["name"], "parameters": one["parameters"]} for one in version.candidates],
        "moments": moments(predictor, now),
    }


def moments(predictor: Any, now: datetime) -> dict[str, Any]:
    """When what is learned from was known: the peer learns from the same."""
    from scoring.training.records import MOST, Records
    from scoring.training.windows import plan

    past = Records(predictor, 1)
    untouched = now - timedelta(days=DAYS)
    first, last = plan(past, until=untouched), plan(past, until=now)
    return {
        "most": MOST,
        "days": DAYS,
        "now": now.isoformat(),
        "untouched": untouched.isoformat(),
        "validation": first.validation.isoformat(),
        **{
            name: [one.isoformat() for one in found]
            for name, found in (("training", first.training), ("using", first.using), ("last", last.using))
        },
    }


def score(predictor: Any, now: datetime, other: "subprocess.Popen[str]") -> float:
    """Everybody, here and by the other worker at once. Returns the other's peak."""
    from scoring import runs

    job = runs.start([predictor], by=None, now=now)
    if job is None or other.stdin is None or other.stdout is None:
        sys.exit("There is no version to score with.")
    other.stdin.write(f"{job.pk}\n")
    other.stdin.flush()
    finish(job.pk)
    return float(other.stdout.readline())


@contextmanager
def worker() -> Iterator["subprocess.Popen[str]"]:
    """It waits for a job, as workers do."""
    command = [sys.executable, "-m", "bench.parts.scoring_run", "worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def finish(job_id: int) -> None:
    """What others hold is waited for."""
    from cdp.common.clock import utc_now
    from scoring import runs

    while runs.is_open(job_id):
        runs.work(job_id, clock=utc_now)
        time.sleep(0.02)


def work() -> None:
    from bench.parts.measured import own_peak_mb

    finish(int(sys.stdin.readline()))
    print(own_peak_mb(), flush=True)


if __name__ == "__main__":
    main()
