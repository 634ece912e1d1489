"""The solutions of decision trees agree with scikit-learn and with direct formulas."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy
from sklearn.datasets import load_wine
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

CRITERIA = ["gini", "entropy", "squared_error"]
SIZES = [(12, 2), (40, 3), (150, 5)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `decision-trees`."""
    return solve("05-neighbours-and-trees", "decision-trees")


def samples(n: int, d: int, criterion: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples in single precision, which is what the library keeps of them."""
    rng = np.random.default_rng([n, d, seed])
    X = rng.normal(size=(n, d)).astype(np.float32).astype(float)
    signal = X[:, 0] + X[:, -1] ** 2
    if criterion == "squared_error":
        return X, signal + rng.normal(size=n)
    return X, np.digitize(signal + 0.5 * rng.normal(size=n), [0.0, 1.5])


def library(criterion: str, **settings: object) -> DecisionTreeClassifier | DecisionTreeRegressor:
    """Return scikit-learn's tree with a criterion."""
    if criterion == "squared_error":
        return DecisionTreeRegressor(random_state=0, **settings)
    return DecisionTreeClassifier(criterion=criterion, random_state=0, **settings)


def test_impurities_are_the_formulas(lesson: SimpleNamespace) -> None:
    """Entropy is SciPy's, and Gini the probability that two draws differ."""
    counts = np.random.default_rng(0).integers(0, 5, size=(30, 4))
    counts[:, 1] += 1
    np.testing.assert_allclose(lesson.entropy(counts), scipy_entropy(counts, base=2, axis=1))
    p = counts / counts.sum(axis=1, keepdims=True)
    differ = np.einsum("ij,ik->i", p, p) - np.einsum("ij,ij->i", p, p)
    np.testing.assert_allclose(lesson.gini(counts), differ, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_gains_are_differences_of_impurities(lesson: SimpleNamespace, seed: int) -> None:
    """Running sums give what counting anew gives, and Gini is a variance of indicators."""
    rng = np.random.default_rng(seed)
    labels, numbers = rng.integers(3, size=25), rng.normal(size=25) + 100
    for criterion, y in [("gini", labels), ("entropy", labels), ("squared_error", numbers)]:
        expected = [
            lesson.impurity(y, criterion)
            - i / 25 * lesson.impurity(y[:i], criterion)
            - (25 - i) / 25 * lesson.impurity(y[i:], criterion)
            for i in range(1, 25)
        ]
        np.testing.assert_allclose(lesson.gains(y, criterion), expected, atol=1e-10)
    indicators = [lesson.variance_gains((labels == k).astype(float)) for k in range(3)]
    np.testing.assert_allclose(lesson.class_gains(labels, "gini"), sum(indicators), atol=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("limits", [{"max_depth": 3}, {"min_samples_leaf": 4}])
def test_limited_tree_is_the_library(
    lesson: SimpleNamespace, criterion: str, n: int, d: int, limits: dict[str, int]
) -> None:
    """The gain of the root is the library's, and so are answers to the training set."""
    for seed in SEEDS:
        X, y = samples(n, d, criterion, seed)
        tree, theirs = (
            lesson.grow(X, y, criterion, **limits),
            library(criterion, **limits).fit(X, y),
        )
        if criterion != "squared_error":  # few labels tie: compare what ties leave alone
            assert tree["n"][0] == theirs.tree_.n_node_samples[0]
            assert tree["impurity"][0] == pytest.approx(theirs.tree_.impurity[0])
            root = library(criterion, max_depth=1).fit(X, y).tree_
            ours = lesson.grow(X, y, criterion, max_depth=1)
            np.testing.assert_allclose(
                np.dot(ours["n"][1:], ours["impurity"][1:]),
                np.dot(root.n_node_samples[1:], root.impurity[1:]),
                rtol=1e-8,
                atol=1e-8,
            )
            continue
        np.testing.assert_allclose(lesson.predict_tree(tree, X), theirs.predict(X), rtol=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_regression_tree_is_the_library_node_by_node(lesson: SimpleNamespace, seed: int) -> None:
    """In preorder the table of nodes is scikit-learn's, in leaves of four samples or more."""
    X, y = samples(100, 3, "squared_error", seed)
    tree = lesson.grow(X, y, "squared_error", min_samples_leaf=4)
    tree = lesson.make_leaves(tree, np.zeros(len(tree["n"]), dtype=bool))
    theirs = library("squared_error", min_samples_leaf=4).fit(X, y).tree_
    inner = tree["feature"] >= 0
    np.testing.assert_array_equal(tree["left"], theirs.children_left)
    np.testing.assert_array_equal(tree["right"], theirs.children_right)
    np.testing.assert_array_equal(tree["feature"][inner], theirs.feature[inner])
    np.testing.assert_allclose(tree["threshold"][inner], theirs.threshold[inner], rtol=1e-8)
    np.testing.assert_allclose(tree["value"], theirs.value.ravel(), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(tree["impurity"], theirs.impurity, rtol=1e-8, atol=1e-10)
    np.testing.assert_array_equal(lesson.apply(tree, X), theirs.apply(X.astype(np.float32)))


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_wines_and_their_path_are_the_library(lesson: SimpleNamespace, criterion: str) -> None:
    """Tree and pruning path of the wines are scikit-learn's."""
    X, y = load_wine(return_X_y=True)
    X = X.astype(np.float32).astype(float)
    tree, theirs = lesson.grow(X, y, criterion), library(criterion).fit(X, y)
    np.testing.assert_array_equal(lesson.predict_tree(tree, X), y)
    assert len(tree["n"]) == theirs.tree_.node_count
    path = theirs.cost_complexity_pruning_path(X, y).ccp_alphas
    np.testing.assert_allclose(lesson.pruning_path(tree), np.unique(path), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_pruned_trees_are_the_library(lesson: SimpleNamespace, seed: int) -> None:
    """Between two values of the path, a pruned tree answers as scikit-learn's with `ccp_alpha`."""
    X, y = samples(300, 5, "squared_error", seed)
    train, test = np.split(np.random.default_rng(seed).permutation(300), 2)
    tree = lesson.grow(X[train], y[train], "squared_error", min_samples_leaf=4)
    path = lesson.pruning_path(tree)
    theirs = library("squared_error", min_samples_leaf=4)
    alphas = theirs.cost_complexity_pruning_path(X[train], y[train]).ccp_alphas
    apart = np.abs(path[:, np.newaxis] - alphas)  # the library repeats values that tie
    assert max(apart.min(axis=0).max(), apart.min(axis=1).max()) < 1e-8 * path[-1]
    for alpha in (path[1:] + path[:-1])[::6] / 2:
        other = library("squared_error", min_samples_leaf=4, ccp_alpha=alpha)
        other.fit(X[train], y[train])
        pruned = lesson.prune(tree, alpha)
        assert len(pruned["n"]) == other.tree_.node_count
        np.testing.assert_allclose(
            lesson.predict_tree(pruned, X[test]), other.predict(X[test]), rtol=1e-8
        )


def test_exclusive_or_is_grown_and_kept(lesson: SimpleNamespace) -> None:
    """A first question that gains nothing is asked, and pruning knows what follows."""
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    tree = lesson.grow(X, y, "gini")
    np.testing.assert_array_equal(lesson.predict_tree(tree, X), y)
    np.testing.assert_allclose(lesson.pruning_path(tree), [0, 1 / 6])
    assert len(lesson.prune(tree, 0.1)["n"]) == 7
    assert len(lesson.prune(tree, 0.2)["n"]) == 1


def test_chain_of_two_thousand_samples(lesson: SimpleNamespace) -> None:
    """No recursion limit is hit by a tree in which each question splits off one sample."""
    X, y = np.arange(2000)[:, np.newaxis], np.arange(2000) % 2
    tree = lesson.grow(X, y, "gini")
    assert len(tree["n"]) == 3999
    np.testing.assert_array_equal(lesson.predict_tree(tree, X), y)
    assert np.isfinite(lesson.effective_alphas(tree)).sum() == 1999
    assert len(lesson.prune(tree, 1.0)["n"]) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_features_are_chosen_at_each_node_in_preorder(lesson: SimpleNamespace, seed: int) -> None:
    """Only chosen features are asked for, one choice for each node whose split is sought."""
    X, y = samples(60, 4, "squared_error", seed)
    rng, chosen = np.random.default_rng(seed), []
    tree = lesson.grow(
        X, y, "squared_error", 4, 1, lambda d: chosen.append(rng.integers(d)) or chosen[-1:]
    )
    tree = lesson.make_leaves(tree, np.zeros(len(tree["n"]), dtype=bool))
    asked = tree["feature"][tree["feature"] >= 0]
    np.testing.assert_array_equal(asked, chosen)
