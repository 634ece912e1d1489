"""The solutions of random forests agree with scikit-learn and with direct formulas."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `random-forests`."""
    return solve("05-neighbours-and-trees", "random-forests")


def samples(seed: int, n: int = 60, d: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples in single precision, which is what the library keeps of them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32).astype(float)
    return X, np.digitize(X[:, 0] + X[:, -1] ** 2 + 0.5 * rng.normal(size=n), [0.0, 1.5])


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_are_the_librarys_probabilities(lesson: SimpleNamespace, seed: int) -> None:
    """Where no two questions tie, a tree's leaves have the shares of `predict_proba`."""
    X, y = samples(seed, n=40, d=1)
    new = np.random.default_rng([1, seed]).normal(size=(50, 1)).astype(np.float32).astype(float)
    for limits in [{"min_samples_leaf": 5}, {"max_depth": 2}, {}]:
        tree = lesson.grow(X, y, "gini", **limits)
        theirs = DecisionTreeClassifier(random_state=0, **limits).fit(X, y)
        shares = lesson.leaf_shares(tree, X, y, 3)[lesson.apply(tree, new)]
        np.testing.assert_allclose(shares, theirs.predict_proba(new), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_forest_without_chance_is_one_tree(lesson: SimpleNamespace, seed: int) -> None:
    """With all rows and all features each tree is the single tree, and so is their mean."""
    X, y = samples(seed)
    tree = lesson.grow(X, y, "gini", min_samples_leaf=3)
    member = {"tree": tree, "rows": np.arange(60), "shares": lesson.leaf_shares(tree, X, y, 3)}
    single = member["shares"][lesson.apply(tree, X)]
    np.testing.assert_allclose(lesson.forest_shares([member] * 7, X), single, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_trees_of_a_forest_are_the_librarys(lesson: SimpleNamespace, seed: int) -> None:
    """With the same rows and one feature, each tree and the mean are scikit-learn's."""
    X, y = samples(seed, d=1)
    forest = lesson.fit_forest(X, y, 6, np.random.default_rng(seed), min_samples_leaf=4)
    new = np.random.default_rng([2, seed]).normal(size=(50, 1)).astype(np.float32).astype(float)
    theirs = [
        DecisionTreeClassifier(min_samples_leaf=4, random_state=0)
        .fit(X[member["rows"]], y[member["rows"]])
        .predict_proba(new)
        for member in forest
    ]
    np.testing.assert_allclose(lesson.forest_shares(forest, new), np.mean(theirs, axis=0))


@pytest.mark.parametrize("seed", SEEDS)
def test_features_are_drawn_at_each_node(lesson: SimpleNamespace, seed: int) -> None:
    """A forest that may ask for one feature a node asks for several in a tree."""
    X, y = samples(seed)
    forest = lesson.fit_forest(X, y, 5, np.random.default_rng(seed), max_features=1)
    for member in forest:
        assert len(np.unique(member["tree"]["feature"])) > 2


def test_bootstrap_leaves_out_a_third(lesson: SimpleNamespace) -> None:
    """On average a sample is missed with the probability (1 - 1/n)^n."""
    rng = np.random.default_rng(0)
    missed = [1 - len(np.unique(lesson.bootstrap(30, rng))) / 30 for _ in range(4000)]
    np.testing.assert_allclose(np.mean(missed), (1 - 1 / 30) ** 30, atol=0.005)


@pytest.mark.parametrize("n_estimators", [1, 2, 7, 40])
def test_variance_is_that_of_the_covariance_matrix(
    lesson: SimpleNamespace, n_estimators: int
) -> None:
    """The formula is the quadratic form of equally correlated answers."""
    for variance, correlation in [(2.0, 0.3), (5.0, 0.0), (0.7, 1.0), (1.0, -0.01)]:
        same = np.eye(n_estimators)
        covariance = variance * (same + correlation * (1 - same))
        weights = np.full(n_estimators, 1 / n_estimators)
        actual = lesson.variance_of_mean(variance, correlation, n_estimators)
        np.testing.assert_allclose(actual, weights @ covariance @ weights)


@pytest.mark.parametrize("seed", SEEDS)
def test_out_of_bag_score_is_the_definition(lesson: SimpleNamespace, seed: int) -> None:
    """Sample by sample, only trees that have not drawn it are asked."""
    X, y = samples(seed)
    forest = lesson.fit_forest(X, y, 4, np.random.default_rng(seed))
    right = []
    for i in range(len(y)):
        unseen = [member for member in forest if i not in member["rows"]]
        if unseen:
            right.append(lesson.forest_predict(unseen, X[[i]])[0] == y[i])
    assert 0 < len(right) < len(y)
    np.testing.assert_allclose(lesson.out_of_bag_score(forest, X, y), np.mean(right))


def test_forests_are_as_good_as_the_librarys(lesson: SimpleNamespace) -> None:
    """On halves of the wines, scores and out-of-bag scores are within 3 % on average.

    A property, since the library draws in another order.
    """
    wines, kinds = load_wine(return_X_y=True)
    scores = []
    for seed in range(4):
        train, test = np.split(np.random.default_rng(seed).permutation(178), 2)
        ours = lesson.fit_forest(wines[train], kinds[train], 60, np.random.default_rng(seed))
        theirs = RandomForestClassifier(60, oob_score=True, random_state=seed)
        theirs.fit(wines[train], kinds[train])
        scores.append(
            [
                np.mean(lesson.forest_predict(ours, wines[test]) == kinds[test]),
                theirs.score(wines[test], kinds[test]),
                lesson.out_of_bag_score(ours, wines[train], kinds[train]),
                theirs.oob_score_,
            ]
        )
    ours, theirs, ours_outside, theirs_outside = np.mean(scores, axis=0)
    assert abs(ours - theirs) < 0.03
    assert abs(ours_outside - theirs_outside) < 0.03
    assert ours > 0.93


@pytest.mark.parametrize("seed", SEEDS)
def test_importance_is_the_librarys_on_average(lesson: SimpleNamespace, seed: int) -> None:
    """With many shuffles both estimate the same fall; unused features have none."""
    X, y = samples(seed, n=80)
    model = LogisticRegression().fit(X, y)
    model.coef_[:, 3] = 0
    ours = lesson.permutation_importance(model.predict, X, y, 200, np.random.default_rng(seed))
    theirs = permutation_importance(model, X, y, n_repeats=200, random_state=seed)
    error = 5 * theirs.importances_std / np.sqrt(100)
    assert np.all(np.abs(ours - theirs.importances_mean) <= error + 1e-12)
    np.testing.assert_allclose(ours[3], 0, atol=1e-12)
