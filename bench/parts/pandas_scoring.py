"""The peer of the bench of scoring: features in pandas, candidates of scikit-learn, scores written back.

It reads the same tables, learns at the same moments from as many people, and tries as many candidates of the same kinds
with the same parameters, each cross-validated as scikit-learn does it, on both cores. What has no counterpart in
scikit-learn (BG/NBD, blends) it leaves out.

    python -m bench.parts.pandas_scoring URL < what bench.parts.scoring_run printed      prints one JSON object
"""

import io
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import psycopg2
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

from bench.parts.measured import own_peak_mb
from bench.parts.pandas_features import DAY, Shop

Sample = tuple[pd.DataFrame, np.ndarray]


def squeezed(values: Any) -> Any:
    return np.sign(values) * np.log1p(np.abs(values))


def pipeline(name: str, given: Mapping[str, Any]) -> Pipeline | None:
    prepared = [SimpleImputer(strategy="median"), FunctionTransformer(squeezed), StandardScaler()]
    match name:
        case "logistic":
            bent = [SplineTransformer(n_knots=int(given["bends"]) + 2)] if given["bends"] else []
            return make_pipeline(*prepared, *bent, LogisticRegression(C=given["C"], max_iter=300))
        case "boosting":
            trees = HistGradientBoostingClassifier(
                max_iter=given["trees"], max_leaf_nodes=given["leaves"], learning_rate=given["rate"]
            )
            return make_pipeline(trees)
        case "forest":
            wood = RandomForestClassifier(
                given["trees"], max_leaf_nodes=given["leaves"], min_samples_leaf=given["fewest"], n_jobs=2
            )
            return make_pipeline(SimpleImputer(strategy="median"), wood)
        case "recency":
            return make_pipeline(*prepared, LogisticRegression(max_iter=300))
    return None


class Past:
    def __init__(self, shop: Shop, days: int, most: int) -> None:
        self.shop, self.days, self.most = shop, days, most
        self.read: dict[float, Sample] = {}

    def sample(self, now: float) -> Sample:
        """Some people who had done something by then, and who of them ordered in the days after."""
        if now not in self.read:
            events, orders = self.shop.events, self.shop.orders
            known = np.unique(events.loc[events["at"] <= now, "profile_id"])
            some = np.random.default_rng(1).choice(known, min(self.most, len(known)), replace=False)
            after = orders[(orders["at"] > now) & (orders["at"] <= now + self.days * DAY)]
            table = self.shop.features(now, np.sort(some))
            self.read[now] = table, table.index.isin(after["profile_id"]).astype(int)
        return self.read[now]

    def samples(self, moments: Sequence[str]) -> Sample:
        found = [self.sample(second(one)) for one in moments]
        return pd.concat([table for table, _ in found]), np.concatenate([did for _, did in found])


def second(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def main() -> None:
    ours = json.load(sys.stdin)
    moments = ours["moments"]
    connection = psycopg2.connect(sys.argv[1])
    started = time.perf_counter()
    past = Past(Shop(connection), moments["days"], moments["most"])
    read_s = time.perf_counter() - started
    model, auc = train(past, moments, ours["tried"])
    trained_s = time.perf_counter() - started
    everybody = past.shop.features(second(moments["now"]))
    write(connection, everybody.index.to_numpy(), model.predict_proba(everybody)[:, 1])
    took_s = time.perf_counter() - started
    found = {"seconds": took_s, "reading_s": read_s, "training_s": trained_s - read_s, "scoring_s": took_s - trained_s}
    print(json.dumps({**found, "peak_mb": own_peak_mb(), "people": len(everybody), "auc": auc}))


def train(past: Past, moments: Mapping[str, Any], tried: Sequence[Mapping[str, Any]]) -> tuple[Pipeline, float]:
    table, did = past.samples(moments["training"])
    valid, came = past.sample(second(moments["validation"]))
    best: tuple[float, Mapping[str, Any]] = (np.inf, {})
    for one in tried:
        candidate = pipeline(one["name"], one["parameters"])
        if candidate is None:
            continue
        folds = StratifiedKFold(3, shuffle=True, random_state=1)
        cross_val_score(candidate, table, did, cv=folds, scoring="roc_auc", n_jobs=2)
        loss = log_loss(came, candidate.fit(table, did).predict_proba(valid)[:, 1])
        best = min(best, (loss, one), key=lambda found: found[0])
    chosen = best[1]
    measured = fitted(chosen, past.samples(moments["using"]))
    latest, happened = past.sample(second(moments["untouched"]))
    auc = float(roc_auc_score(happened, measured.predict_proba(latest)[:, 1]))
    some = np.random.default_rng(1).permutation(len(latest))[:3000]
    permutation_importance(measured, latest.iloc[some], happened[some], scoring="roc_auc", n_repeats=3, n_jobs=2)
    return fitted(chosen, past.samples(moments["last"])), auc


def fitted(chosen: Mapping[str, Any], sample: Sample) -> Pipeline:
    found = pipeline(chosen["name"], chosen["parameters"])
    assert found is not None
    return found.fit(*sample)


def write(connection: Any, profile_ids: np.ndarray, said: np.ndarray) -> None:
    scores = pd.DataFrame({"profile_id": profile_ids, "value": said})
    scores["percentile"] = scores["value"].rank(pct=True, method="max") * 100
    scores["band"] = pd.cut(scores["percentile"], [0, 50, 80, 101], labels=["low", "medium", "high"], right=False)
    text = io.StringIO()
    scores.to_csv(text, index=False, header=False)
    text.seek(0)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "create table peer_score (profile_id bigint primary key, value float8, percentile float8, band text)"
        )
        cursor.copy_expert("copy peer_score from stdin (format csv)", text)


if __name__ == "__main__":
    main()
