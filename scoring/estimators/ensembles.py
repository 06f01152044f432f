"""Random forest and gradient boosting: scikit-learn learns them; what they learned becomes plain arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from scoring.estimators.trees import NUMBER, Trees

Ints = NDArray[np.int64]


def forest(kinds: Sequence[str], *, trees: int, leaves: int, fewest: int, seed: int) -> Pipeline:
    """At most `leaves` leaves a tree, of at least `fewest` people each. Trees see unknown numbers as unknown."""
    learn = RandomForestClassifier(
        trees, max_leaf_nodes=leaves, min_samples_leaf=fewest, max_features="sqrt", random_state=seed, n_jobs=1
    )
    return Pipeline([("prepare", _prepare(kinds)), ("learn", learn)])


def boosting(kinds: Sequence[str], *, trees: int, leaves: int, rate: float, seed: int) -> Pipeline:
    learn = HistGradientBoostingClassifier(
        max_iter=trees,
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline([("prepare", _prepare(kinds)), ("learn", learn)])


def _prepare(kinds: Sequence[str]) -> ColumnTransformer:
    numbers = [j for j, kind in enumerate(kinds) if kind != "category"]
    words = [j for j, kind in enumerate(kinds) if kind == "category"]
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", "passthrough", numbers), ("words", one_hot, words)])


def as_trees(fitted: Pipeline, *, kinds: Sequence[str]) -> Trees:
    """The fitted pipeline's trees, which give the same answers as it."""
    learned = fitted.named_steps["learn"]
    owner, code = _owners(fitted.named_steps["prepare"], kinds)
    is_forest = isinstance(learned, RandomForestClassifier)
    parts = _of_forest(learned) if is_forest else _of_boosting(learned)
    starts = np.cumsum([0, *(len(part["left"]) for part in parts)]).astype(np.int64)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    moves = np.repeat(starts[:-1], np.diff(starts))
    inner = joined["left"] >= 0
    return Trees(
        intercept=0.0 if is_forest else float(np.ravel(learned._baseline_prediction)[0]),
        is_forest=is_forest,
        roots=starts[:-1],
        left=np.where(inner, joined["left"] + moves, -1).astype(np.int64),
        right=np.where(inner, joined["right"] + moves, -1).astype(np.int64),
        feature=np.where(inner, joined["feature"], 0).astype(np.int64),
        threshold=np.where(inner, joined["threshold"], 0.0).astype(np.float64),
        is_left_if_unknown=joined["unknown"].astype(np.bool_),
        value=np.where(inner, 0.0, joined["value"]).astype(np.float64),
        cover=joined["cover"].astype(np.float64),
        owner=owner,
        code=code,
        columns=len(kinds),
    )


def _owners(prepare: ColumnTransformer, kinds: Sequence[str]) -> tuple[Ints, Ints]:
    owner = [j for j, kind in enumerate(kinds) if kind != "category"]
    code = [NUMBER] * len(owner)
    words = [j for j, kind in enumerate(kinds) if kind == "category"]
    if words:
        for j, known in zip(words, prepare.named_transformers_["words"].categories_, strict=True):
            owner += [j] * len(known)
            code += [int(one) for one in known.tolist()]
    return np.array(owner, dtype=np.int64), np.array(code, dtype=np.int64)


def _of_forest(learned: RandomForestClassifier) -> list[dict[str, NDArray[np.generic]]]:
    found = []
    for one in learned.estimators_:
        tree = one.tree_
        likely = tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1) / len(learned.estimators_)
        found.append(
            {
                "left": tree.children_left,
                "right": tree.children_right,
                "feature": tree.feature,
                "threshold": tree.threshold,
                "unknown": tree.missing_go_to_left.astype(np.bool_),
                "value": likely,
                "cover": tree.weighted_n_node_samples,
            }
        )
    return found


def _of_boosting(
    learned: HistGradientBoostingClassifier | HistGradientBoostingRegressor,
) -> list[dict[str, NDArray[np.generic]]]:
    found = []
    for (predictor,) in learned._predictors:
        nodes = predictor.nodes
        is_leaf = nodes["is_leaf"].astype(np.bool_)
        found.append(
            {
                "left": np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
                "right": np.where(is_leaf, -1, nodes["right"].astype(np.int64)),
                "feature": nodes["feature_idx"],
                "threshold": nodes["num_threshold"],
                "unknown": nodes["missing_go_to_left"].astype(np.bool_),
                "value": nodes["value"],
                "cover": nodes["count"],
            }
        )
    return found
