"""How well a clustering as it is offered finds the kinds of customers of the demo shop that is there.

`python -m bench.clusters VAR_DIR/demo/truth.jsonl`, with the environment of the shop's `manage.py`. Makes the
clustering, runs it, says the adjusted Rand index and the names, and takes it away again. The last line is JSON.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main(truth: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    import django

    django.setup()
    from cdp.common.clock import deployment_zone, stopwatch, utc_now
    from scoring.cluster.run import run
    from scoring.cluster.themes import DEFAULT
    from scoring.models import Clustering, ClusterMember
    from tests.scoring.cluster.truth import agreement

    now, elapsed = utc_now(), stopwatch()
    made = Clustering.objects.create(
        name=f"Measured {now.isoformat()}", features=list(DEFAULT.features), created_at=now, archived_at=now
    )
    try:
        run(made, now=now, zone=deployment_zone())
        seconds = round(elapsed(), 1)
        with Path(truth).open(encoding="utf-8") as lines:
            print(json.dumps({**asdict(agreement(made, lines)), "seconds": seconds}), flush=True)
    finally:
        ClusterMember.objects.filter(clustering_id=made.pk).delete()
        made.delete()


if __name__ == "__main__":
    main(sys.argv[1])
