"""What of a run is drawn: dictionaries as static/js/chart.js takes them."""

from collections.abc import Sequence
from typing import Any

from scoring.models import Cluster, Clustering

SYMBOLS = ("circle", "rect", "triangle", "diamond", "roundRect", "pin")
GREY = "#8a949b"
LABEL = {
    "show": True,
    "formatter": "{b}",
    "fontWeight": "bold",
    "color": "#11181c",
    "backgroundColor": "rgba(255,255,255,.85)",
    "padding": [2, 6],
    "borderRadius": 4,
}
WIDEST = 2.0
"""Standard deviations at which the bars of a card end."""
Chart = dict[str, Any]


def people_map(clustering: Clustering, order: Sequence[Cluster | None]) -> Chart | None:
    """`order`: the run's groups, as the clusters they became."""
    found = clustering.quality.get("map")
    if not found:
        return None
    names = [one.name if one else "gone" for one in order]
    series = [_cloud(found["points"], at, name) for at, name in enumerate(names)]
    alone = [[x, y] for x, y, label in found["points"] if label < 0]
    if alone:
        look = {"type": "scatter", "symbolSize": 4, "itemStyle": {"color": GREY, "opacity": 0.5}}
        series.append({"name": "In no cluster", "data": alone, **look})
    named = {"type": "scatter", "symbolSize": 1, "silent": True, "tooltip": {"show": False}, "label": LABEL, "z": 9}
    series.append({"name": "", "data": [_middle(found["points"], at, name) for at, name in enumerate(names)], **named})
    return {
        "title": f"{len(found['points']):,} people, near each other where they are alike",
        "option": {
            "grid": {"left": 16, "right": 16, "top": 54, "bottom": 16},
            "legend": {"top": 0, "left": 0, "type": "scroll", "data": names + (["In no cluster"] if alone else [])},
            "tooltip": {"trigger": "item", "formatter": "{a}"},
            "xAxis": _bare_axis(),
            "yAxis": _bare_axis(),
            "series": series,
        },
        "columns": ["Cluster", "People drawn", "Across", "Up"],
        "rows": [
            [name, len(one["data"]), *(_middle(found["points"], at, name)["value"])]
            for at, (name, one) in enumerate(zip(names, series, strict=False))
        ],
    }


def choice(clustering: Clustering) -> Chart | None:
    """How well people part into each number of groups."""
    tried = clustering.quality.get("tried")
    if not tried:
        return None
    chosen = clustering.quality["chosen"]
    if clustering.method in (Clustering.Method.K_MEANS, Clustering.Method.HIERARCHICAL):
        x, label = [str(one["groups"]) for one in tried], "Clusters"
    else:
        what = "at least" if clustering.method == Clustering.Method.HDBSCAN else "reach"
        x, label = [f"{one['groups']} ({what} {one['setting']:.3g})" for one in tried], "Clusters, by the setting"
    mark = {"symbol": "none", "lineStyle": {"type": "solid", "width": 2, "color": GREY}, "data": [{"xAxis": chosen}]}
    mark["label"] = {"formatter": "chosen", "position": "insideEndTop"}
    names = ("Silhouette (higher is better)", "Davies–Bouldin (lower is better)")
    lines = [
        {"name": names[0], "type": "line", "data": [one["silhouette"] for one in tried], "markLine": mark,
         "symbol": "circle", "symbolSize": 8, "lineStyle": {"width": 2}},
        {"name": names[1], "type": "line", "data": [one["davies_bouldin"] for one in tried], "yAxisIndex": 1,
         "symbol": "rect", "symbolSize": 8, "lineStyle": {"type": "dashed", "width": 2}},
    ]  # fmt: skip
    return {
        "title": "How well people part into so many clusters",
        "option": {
            "grid": {"left": 50, "right": 50, "top": 60, "bottom": 46},
            "legend": {"top": 0, "left": 0},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": x, "name": label, "nameLocation": "middle", "nameGap": 28},
            "yAxis": [{"type": "value", "scale": True}, {"type": "value", "scale": True, "splitLine": {"show": False}}],
            "series": lines,
        },
        "columns": [label, "Silhouette", "Davies–Bouldin", "In no cluster", ""],
        "rows": [
            [x[at], one["silhouette"], one["davies_bouldin"], one["alone"], "chosen" if at == chosen else ""]
            for at, one in enumerate(tried)
        ],
    }


def sizes(clusters: Sequence[Cluster], alone: int) -> Chart:
    names, counts = [one.name for one in clusters], [one.size for one in clusters]
    if alone:
        names, counts = [*names, "In no cluster"], [*counts, alone]
    return {
        "title": "How many people are in each",
        "type": "bar",
        "horizontal": True,
        "x": names,
        "series": [{"name": "People", "data": counts}],
        "xLabel": "",
        "yLabel": "People",
    }


def tree(clustering: Clustering, order: Sequence[Cluster | None]) -> Chart | None:
    found = clustering.quality.get("tree")
    if not found:
        return None
    names = [one.name if one else "gone" for one in order]
    leaves = list(enumerate(found["leaves"]))
    series: list[Chart] = [
        {"name": name, "type": "scatter", "symbol": SYMBOLS[at % 6], "symbolSize": 11, "z": 5,
         "data": [[5 + 10 * index, 0] for index, (_, label) in leaves if label == at]}
        for at, name in enumerate(names)
    ]  # fmt: skip
    line = {"type": "line", "symbol": "none", "silent": True, "lineStyle": {"color": GREY, "width": 1.5}}
    series += [{**line, "name": "", "data": one, "tooltip": {"show": False}} for one in found["lines"]]
    cut = {"symbol": "none", "data": [{"yAxis": found["cut"]}], "label": {"formatter": "cut here", "position": "end"}}
    series[len(names)]["markLine"] = cut
    return {
        "title": "Who was joined with whom, and how far apart they were",
        "option": {
            "grid": {"left": 54, "right": 60, "top": 40, "bottom": 24},
            "legend": {"top": 0, "left": 0, "type": "scroll", "data": names},
            "tooltip": {"trigger": "item", "formatter": "{a}"},
            "xAxis": {"type": "value", "show": False, "min": 0, "max": 10 * len(leaves)},
            "yAxis": {"type": "value", "name": "How unlike", "nameLocation": "middle", "nameGap": 38},
            "series": series,
        },
        "columns": ["Branch", "People of the sample", "Cluster"],
        "rows": [[index + 1, n, names[label]] for index, (n, label) in leaves],
    }


def bars(figures: Sequence[Chart]) -> list[Chart]:
    """Each figure with its bar from the middle (everybody) to the side, in a picture 100 wide."""
    found = []
    for one in figures:
        length = 50 * min(abs(one["apart"]), WIDEST) / WIDEST
        start = 50.0 if one["apart"] > 0 else 50 - length
        found.append(
            {
                **one,
                "x": f"{start:.1f}",
                "width": f"{length:.1f}",
                "is_more": one["apart"] > 0,
                "size": f"{abs(one['apart']):.1f}",
            }
        )
    return found


def _cloud(points: Sequence[Sequence[float]], at: int, name: str) -> Chart:
    return {
        "name": name,
        "type": "scatter",
        "symbol": SYMBOLS[(at + at // 6) % 6],
        "symbolSize": 7,
        "itemStyle": {"opacity": 0.7},
        "data": [[x, y] for x, y, label in points if label == at],
    }


def _middle(points: Sequence[Sequence[float]], at: int, name: str) -> Chart:
    own = [(x, y) for x, y, label in points if label == at] or [(0.0, 0.0)]
    return {"name": name, "value": [round(sum(one[side] for one in own) / len(own), 2) for side in (0, 1)]}


def _bare_axis() -> Chart:
    return {
        "type": "value",
        "scale": True,
        "axisLine": {"show": True, "onZero": False},
        "axisLabel": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
    }
