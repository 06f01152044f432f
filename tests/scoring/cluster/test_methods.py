"""Planted groups are found by each method, their number too; scaling lets nobody shout; runs are matched rightly."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from scoring.cluster import choosing, methods, scaling, stability
from scoring.cluster.aligning import adjusted_rand, align, align_by_centres
from scoring.cluster.naming import NAMES, Proposal, distinct, proposals, sentence
from scoring.cluster.picture import tree_of
from scoring.cluster.profile import Tally
from scoring.columns import Column, Numbers, Unit

MIDDLES = np.array([[0, 0], [8, 0], [0, 8], [8, 8]], dtype=np.float64)


def blobs(each: int = 90, *, seed: int = 3) -> tuple[Numbers, methods.Labels]:
    rng, truth = np.random.default_rng(seed), np.repeat(np.arange(4), each)
    return MIDDLES[truth] + rng.normal(0, 0.9, (4 * each, 2)), truth


def found_by(method: str, values: Numbers) -> choosing.Choice:
    if method == "k_means":
        return choosing.by_k_means(values, None, seed=1)
    if method == "hierarchical":
        return choosing.by_ward(methods.ward(values), None, seed=1)
    return (choosing.by_dbscan if method == "dbscan" else choosing.by_hdbscan)(values, seed=1)


@pytest.mark.parametrize("method", ["k_means", "hierarchical", "dbscan", "hdbscan"])
def test_planted_groups_are_found_with_their_number_and_others_are_placed(method: str) -> None:
    values, truth = blobs()
    choice = found_by(method, values)
    labels = choice.grouping.labels
    inside = labels >= 0
    assert inside.mean() > 0.85
    assert choice.tried[choice.chosen].groups == len(choice.grouping.centres) == 4
    assert adjusted_rand_score(truth[inside], labels[inside]) > 0.97
    others, kinds = blobs(30, seed=9)
    placed = choice.grouping.place(others)
    known = placed >= 0
    assert known.mean() > 0.75
    assert adjusted_rand_score(kinds[known], placed[known]) > 0.97
    again = found_by(method, values)
    np.testing.assert_array_equal(labels, again.grouping.labels)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_who_stands_apart_is_in_no_group(method: str) -> None:
    values, _ = blobs()
    grouping = found_by(method, np.vstack([values, [[40.0, 40.0]]])).grouping
    assert grouping.labels[-1] == methods.NOBODY
    assert grouping.place(np.array([[-30.0, 30.0], [8.0, 8.0]])).tolist()[0] == methods.NOBODY


def test_the_user_may_ask_for_another_number() -> None:
    values, _ = blobs()
    choice = choosing.by_k_means(values, 3, seed=1)
    assert len(choice.grouping.centres) == choice.tried[choice.chosen].groups == 3
    more = choosing.by_k_means(values, 12, seed=1)
    assert len(more.grouping.centres) == more.tried[more.chosen].groups == 12


def test_people_who_are_all_the_same_cannot_be_told_apart() -> None:
    with pytest.raises(choosing.TooAlike):
        choosing.by_k_means(np.zeros((60, 2)), None, seed=1)


def test_stable_groups_are_told_from_arbitrary_ones() -> None:
    def fit(values: Numbers, seed: int) -> methods.Grouping:
        return methods.k_means(values, 4, seed=seed, starts=2)

    values, _ = blobs()
    assert min(stability.bootstrap(values, fit(values, 1), fit, seed=1)) > stability.STABLE
    noise = np.random.default_rng(1).normal(size=(300, 2))
    assert min(stability.bootstrap(noise, fit(noise, 1), fit, seed=1)) < stability.STABLE
    assert [stability.in_words(one) for one in (0.9, 0.7, 0.2)] == ["stable", "wobbly", "may be chance"]


def test_renumbering_keeps_the_groups() -> None:
    values, _ = blobs()
    for method in ("k_means", "dbscan"):
        grouping = found_by(method, values).grouping
        turned = methods.renumbered(grouping, np.array([2, 0, 3, 1]))
        np.testing.assert_array_equal(turned.centres[0], grouping.centres[2])
        np.testing.assert_array_equal(turned.labels == 0, grouping.labels == 2)
        np.testing.assert_array_equal(turned.labels < 0, grouping.labels < 0)
        np.testing.assert_array_equal(turned.place(values) == 1, grouping.place(values) == 0)


def test_the_tree_is_cut_where_its_groups_are() -> None:
    values, truth = blobs()
    tree = methods.ward(values)
    cut = tree.cut(4)
    drawn = tree_of(tree, cut)
    assert sum(n for n, _ in drawn["leaves"]) == len(truth)
    above = [line for line in drawn["lines"] if max(y for _, y in line) > drawn["cut"]]
    assert len(above) == 3  # as many joints as make one of four


ORDERS = Column("orders", "orders", Unit.COUNT, "ordered {n} times", "ordered only {n} times")
SPENT = Column("spent", "money", Unit.MONEY, "spent {n}", "spent only {n}")
SHARE = Column("share", "discounts", Unit.SHARE, "with a discount {n}", "with a discount only {n}", "never")
HOUR = Column("hour", "hour", Unit.HOUR, "at {n}", "at {n}")


def test_one_rich_person_makes_no_axis_and_themes_weigh_alike() -> None:
    rng = np.random.default_rng(2)
    values = np.column_stack([rng.poisson(4, 400), rng.gamma(2, 50, 400), rng.random(400)]).astype(np.float64)
    values[0, 1] = 1e9
    themes = {"orders": "buying", "spent": "buying", "share": "thrift"}
    fitted = scaling.fit(values, (ORDERS, SPENT, SHARE), {"orders", "spent", "share"}, themes=themes, evidence={})
    near = fitted.apply(values, ["orders", "spent", "share"])
    assert abs(near).max() < 4
    assert near[:, :2].var(axis=0).sum() == pytest.approx(near[:, 2].var(), rel=1e-6)
    again = scaling.Scaling(tuple(scaling.Axis(**one) for one in fitted.to_plain()))
    np.testing.assert_array_equal(near, again.apply(values, ["orders", "spent", "share"]))


def test_what_rests_on_little_is_drawn_to_the_usual_and_the_unknown_lies_in_the_middle() -> None:
    values = np.array([[1, 1.0], [20, 1.0], [0, np.nan], [20, 0.0], [20, 0.0]])
    fitted = scaling.fit(values, (ORDERS, SHARE), {"share"}, themes={}, evidence={"share": "orders"})
    once, often, never, *_ = fitted.apply(values, ["orders", "share"])[:, 0]
    assert never < once < often
    midnight = np.array([[23.5], [0.5], [12.0], [6.0], [18.0], [3.0]])
    round_the_clock = scaling.fit(midnight, (HOUR,), {"hour"}, themes={}, evidence={}).apply(midnight, ["hour"])
    late, early, noon, *_ = round_the_clock
    assert np.linalg.norm(late - early) < np.linalg.norm(late - noon) / 2


def test_groups_go_on_as_themselves_and_new_and_gone_ones_are_known() -> None:
    shared = np.array([[2, 90, 0], [80, 5, 1], [10, 3, 0]])
    aligned = align(shared, np.array([0, 0, 40]))
    assert aligned.same == {0: 1, 1: 0}  # group 2 is new; the third of the old ones is gone
    assert aligned.alike[0] == pytest.approx(90 / (92 + 98 - 90))
    rng = np.random.default_rng(4)
    one, other = rng.integers(0, 4, 500), rng.integers(0, 3, 500)
    other[:250] = one[:250] % 3
    counted = np.zeros((4, 3), dtype=np.int64)
    np.add.at(counted, (one, other), 1)
    assert adjusted_rand(counted) == pytest.approx(adjusted_rand_score(one, other))


def test_where_nobody_is_in_both_runs_the_middles_say_who_goes_on() -> None:
    moved = MIDDLES[[2, 0, 1]] + 0.5
    assert align_by_centres(moved, MIDDLES).same == {0: 2, 1: 0, 2: 1}
    assert align_by_centres(MIDDLES + 100, MIDDLES).same == {}


def test_each_name_fits_who_is_like_that_and_nobody_else_is_called_so() -> None:
    for name in NAMES:
        apart = dict.fromkeys(name.senses, 0.0) | {
            key: 2.0 if sense > 0 else -2.0 for key, sense in name.senses.items()
        }
        assert name.words in [one.name for one in proposals(apart, [])]
        assert proposals({key: -value for key, value in apart.items()}, [])[0].name != name.words


def test_no_two_groups_are_called_the_same_and_names_by_hand_stay() -> None:
    first, second = Proposal("Bargain seekers", 2.0), Proposal("Window shoppers", 1.0)
    assert distinct([(first, second), (Proposal("Bargain seekers", 3.0), second)], {}) == [
        "Window shoppers",
        "Bargain seekers",
    ]
    assert distinct([(first,), (first,)], {0: "Ours"}) == ["Ours", "Bargain seekers"]
    assert len(set(distinct([(first,), (first,), (first,)], {}))) == 3


def test_figures_are_what_is_said_of_a_group() -> None:
    values = np.array([[10, 0.9], [12, 0.8], [1, 0.1], [0, np.nan], [1, np.nan], [2, 0.0]])
    tally = Tally((ORDERS, SHARE), 2)
    labels = np.array([0, 0, 1, 1, 1, 1])
    for half in (slice(0, 3), slice(3, 6)):
        tally.add(values[half], labels[half])
    orders = next(one for one in tally.figures(0, theme_of={}) if one.name == "orders")
    near = np.log1p(values[:, 0])
    assert orders.mean == 11
    assert orders.of_all == pytest.approx(26 / 6)
    assert orders.apart == pytest.approx((near[:2].mean() - near.mean()) / near.std())
    assert "ordered 11 times (everybody: 4)" in sentence(tally.figures(0, theme_of={}))
    assert sentence([]).startswith("Like everybody")
