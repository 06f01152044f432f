"""What the page draws of a run, as plain numbers: the map of people and Ward's tree."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import dendrogram, to_tree

from scoring.cluster.methods import Centred, Labels, Tree
from scoring.cluster.scaling import Axis
from scoring.columns import Column, Numbers

POINTS = 1_500
LEAVES = 24
NAMED = 2
"""Features that say what a direction of the map means."""


def map_of(
    values: Numbers, labels: Labels, axes: Sequence[Axis], columns: Mapping[str, Column], *, seed: int
) -> dict[str, Any]:
    """The two directions in which people differ most (principal components), and some people on them."""
    centred = values - values.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    if len(directions) < 2:
        directions = np.vstack([directions, np.zeros_like(directions)])
    directions = directions[:2] * np.where(directions[:2].sum(axis=1, keepdims=True) < 0, -1, 1)
    rows = np.arange(len(values))
    if len(rows) > POINTS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, POINTS, replace=False))
    points = centred @ directions.T
    total = float((sizes**2).sum()) or 1.0
    return {
        "points": [
            [round(float(points[row, 0]), 2), round(float(points[row, 1]), 2), int(labels[row])] for row in rows
        ],
        "axes": [_meaning(one, axes, columns) for one in directions],
        "shown": round(float((sizes[:2] ** 2).sum()) / total, 3),
    }


def _meaning(direction: Numbers, axes: Sequence[Axis], columns: Mapping[str, Column]) -> str:
    """What people further along it have more of, or less."""
    strongest: dict[str, float] = {}
    for index in np.argsort(-np.abs(direction)):
        axis = axes[int(index)]
        if axis.shape not in ("cos", "sin") and abs(direction[index]) > 1e-6:
            strongest.setdefault(axis.name, float(direction[index]))
        if len(strongest) == NAMED:
            break
    return ", ".join(f"{'more' if part > 0 else 'less'}: {columns[name].says}" for name, part in strongest.items())


def tree_of(tree: Tree, cut: Centred) -> dict[str, Any]:
    """The last LEAVES branches: lines, how many people hang on each, and which group they are of."""
    drawn = dendrogram(tree.steps, truncate_mode="lastp", p=LEAVES, no_plot=True)
    _, nodes = to_tree(tree.steps, rd=True)
    k = len(cut.centres)
    heights = tree.steps[:, 2]
    below = float(heights[-k]) if k <= len(heights) else 0.0
    above = float(heights[-(k - 1)]) if k > 1 else below
    return {
        "lines": [
            [[round(float(x), 1), round(float(y), 3)] for x, y in zip(xs, ys, strict=True)]
            for xs, ys in zip(drawn["icoord"], drawn["dcoord"], strict=True)
        ],
        "leaves": [
            [int(nodes[one].get_count()), int(cut.labels[nodes[one].pre_order()[0]])] for one in drawn["leaves"]
        ],
        "cut": round((below + above) / 2, 3),
    }
