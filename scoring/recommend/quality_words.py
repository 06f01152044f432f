"""The measure in plain words, and as charts."""

from typing import Any

WAYS = {"personal": "These lists", "viewed": "Viewed last", "popular": "Popular"}
MEASURES = (
    ("hit_4", "First 4"),
    ("hit_10", "First 10"),
    ("recall_10", "All, in 10"),
)


def in_words(quality: dict[str, Any]) -> list[str]:
    """Sentences, the most telling first."""
    if quality.get("missing") or not quality.get("personal"):
        why = quality.get("missing") or "Nothing was measured yet."
        return [why, "Until then the lists use a usual mix, and their confidence is a rough guess."]
    ours, popular, viewed = (quality[way] for way in ("personal", "popular", "viewed"))
    by_views = f", with what they viewed last {_pct(viewed['hit_4'])}" if viewed["coverage"] else ""
    words = [
        f"Of {quality['people']:,} people who came back, {_pct(ours['hit_4'])} viewed, added or bought something that"
        f" was among the first 4 of their list; with what is popular it would have been {_pct(popular['hit_4'])}"
        f"{by_views}.",
    ]
    if quality["is_better"]:
        words.append("That is better than what is popular by more than luck explains.")
    else:
        words.append(
            "That is not clearly better than what is popular: there is little to learn from, or people want the same."
        )
    words.append(
        f"{_pct(ours['coverage'])} of the catalogue is shown to somebody;"
        f" with what is popular, {_pct(popular['coverage'])}."
    )
    if quality["is_varied"]:
        words.append("Lists vary categories: that cost nothing when it was tried.")
    return words


def chart(quality: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "How often the lists were right, in percent",
        "type": "bar",
        "x": [label for _, label in MEASURES],
        "yLabel": "Percent",
        "unit": "%",
        "series": [
            {"name": label, "data": [round(100 * quality[way][name], 1) for name, _ in MEASURES]}
            for way, label in WAYS.items()
        ],
    }


def said_chart(quality: dict[str, Any]) -> dict[str, Any]:
    """Five equal parts of all entries, by confidence."""
    return {
        "title": "What was said of entries, and what came, in percent",
        "type": "bar",
        "x": ["least sure", "less sure", "middle", "surer", "surest"][: len(quality["said"])],
        "xLabel": "A fifth of all entries each",
        "yLabel": "Percent",
        "unit": "%",
        "series": [
            {"name": label, "data": [round(100 * one[key], 2) for one in quality["said"]]}
            for key, label in (("said", "Said"), ("came", "Came"))
        ],
    }


def _pct(share: float) -> str:
    return f"{100 * share:.0f} %"
