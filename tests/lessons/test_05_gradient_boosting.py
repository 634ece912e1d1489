"""The solutions of gradient boosting agree with scikit-learn and with direct formulas."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize_scalar
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

SEEDS = range(5)
LOSSES = ["squared_error", "log_loss"]


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `gradient-boosting`."""
    return solve("05-neighbours-and-trees", "gradient-boosting")


def loss_of(y: np.ndarray, f: np.ndarray, loss: str) -> np.ndarray:
    """Return the loss of each sample."""
    return (y - f) ** 2 / 2 if loss == "squared_error" else np.logaddexp(0, f) - y * f


def samples(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples in single precision, which is what the library keeps of them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32).astype(float)
    return X, np.sin(2 * X[:, 0]) + X[:, -1] ** 2 + 0.3 * rng.normal(size=n)


@pytest.mark.parametrize("seed", SEEDS)
def test_stump_is_the_librarys(lesson: SimpleNamespace, seed: int) -> None:
    """A stump has the library's question and answers."""
    X, y = samples(seed, 40, 3)
    theirs = DecisionTreeRegressor(max_depth=1, random_state=0).fit(X, y)
    ours = lesson.fit_stump(X, y)
    np.testing.assert_allclose(ours["threshold"][0], theirs.tree_.threshold[0])
    np.testing.assert_allclose(ours["value"][lesson.apply(ours, X)], theirs.predict(X))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", SEEDS)
def test_negative_gradient_is_minus_the_difference_quotient(
    lesson: SimpleNamespace, seed: int, loss: str
) -> None:
    """The gradient of the summed loss, by finite differences."""
    rng = np.random.default_rng(seed)
    y, f = rng.integers(2, size=6), rng.normal(size=6)
    numeric = approx_fprime(f, lambda at: np.sum(loss_of(y, at, loss)), 1e-7)
    np.testing.assert_allclose(lesson.negative_gradient(y, f, loss), -numeric, atol=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", SEEDS)
def test_initial_value_minimises_the_loss(lesson: SimpleNamespace, seed: int, loss: str) -> None:
    """No other constant has a smaller loss."""
    y = np.append(np.random.default_rng(seed).integers(2, size=9), [0, 1])
    best = minimize_scalar(lambda c: np.sum(loss_of(y, np.full(11, c), loss))).x
    np.testing.assert_allclose(lesson.initial_value(y, loss), best, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", SEEDS)
def test_newton_steps_end_at_the_best_answers(
    lesson: SimpleNamespace, seed: int, loss: str
) -> None:
    """Step after step leads to the answers that minimise the loss of each leaf."""
    X, r = samples(seed, 60, 1)
    y = (r + np.random.default_rng([1, seed]).normal(size=60) > 0.5).astype(int)
    y[np.argsort(X[:, 0])[[0, 1, -2, -1]]] = [0, 1, 0, 1]  # so that no leaf is pure
    tree = lesson.grow(X, r, "squared_error", 1, 15)
    node, start = lesson.apply(tree, X), np.random.default_rng([2, seed]).normal(size=60) / 2
    answers = np.zeros(3)
    for _ in range(8):
        answers = answers + lesson.leaf_newton_step(tree, X, y, start + answers[node], loss)
    assert answers[0] == 0
    for leaf in [1, 2]:
        here = node == leaf
        assert 0 < np.mean(y[here]) < 1
        best = minimize_scalar(lambda v, at=here: np.sum(loss_of(y[at], start[at] + v, loss))).x
        np.testing.assert_allclose(answers[leaf], best, atol=1e-6)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_regression_is_the_librarys(lesson: SimpleNamespace, seed: int, depth: int) -> None:
    """Each of 60 stages predicts what the library's does, for several features."""
    X, y = samples(seed, 80, 3 if depth == 1 else 1)
    theirs = GradientBoostingRegressor(max_depth=depth, n_estimators=60, random_state=0).fit(X, y)
    new = samples(seed + 100, 50, X.shape[1])[0]
    ours = lesson.staged_predict(lesson.boost(X, y, "squared_error", 60, 0.1, depth), new)
    np.testing.assert_allclose(ours[1:], list(theirs.staged_predict(new)), atol=1e-8)
    np.testing.assert_allclose(ours[0], np.mean(y))


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_classification_is_the_librarys(lesson: SimpleNamespace, seed: int, depth: int) -> None:
    """Each of 40 stages has the library's log-odds, with one feature, so that features do not tie."""
    X, r = samples(seed, 83, 1)
    y = (r + 0.5 * np.random.default_rng([3, seed]).normal(size=83) > 0.7).astype(int)
    theirs = GradientBoostingClassifier(max_depth=depth, n_estimators=40, random_state=0).fit(X, y)
    ours = lesson.staged_predict(lesson.boost(X, y, "log_loss", 40, 0.1, depth), X)
    odds = np.array(list(theirs.staged_decision_function(X)))[:, :, 0]
    np.testing.assert_allclose(ours[1:], odds, atol=1e-8)


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_squares_never_rise_in_training(lesson: SimpleNamespace, seed: int, rate: float) -> None:
    """The training error falls at each stage, by the proof in the lesson."""
    X, y = samples(seed, 40, 3)
    stages = lesson.staged_predict(lesson.boost(X, y, "squared_error", 30, rate, 1), X)
    errors = np.mean((stages - y) ** 2, axis=1)
    assert np.all(np.diff(errors) < 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_stumps_add_up_to_functions_of_single_features(lesson: SimpleNamespace, seed: int) -> None:
    """With depth 1 the two diagonals of a rectangle have the same sum."""
    X, y = samples(seed, 60, 2)
    model = lesson.boost(X, y, "squared_error", 30, 0.5, 1)
    a, b, c, d = lesson.staged_predict(
        model, np.array([[0.1, 0.2], [1.1, -0.8], [0.1, -0.8], [1.1, 0.2]])
    )[-1]
    np.testing.assert_allclose(a + b, c + d)


@pytest.mark.parametrize("patience", [1, 2, 5, 30])
@pytest.mark.parametrize("seed", SEEDS)
def test_early_stop_is_the_definition(lesson: SimpleNamespace, seed: int, patience: int) -> None:
    """It is the first stage that no loss of the next ones is below, if there are that many."""
    losses = np.cumsum(np.random.default_rng(seed).normal(size=25) - 0.3)
    for k in range(25):
        lowest = losses[k] < np.min(losses[:k], initial=np.inf)
        if lowest and np.all(losses[k + 1 : k + 1 + patience] >= losses[k]):
            assert lesson.early_stop(losses, patience) == k
            return
    pytest.fail("no stage is the lowest")


@pytest.mark.parametrize("far", [5.0, 15.0, 40.0, 1000.0])
def test_newton_steps_end_where_the_curvature_does(lesson: SimpleNamespace, far: float) -> None:
    """A leaf answers sum g / sum h, written with exponentials, and 0 where sum h is below 1e-9."""
    X, y = np.arange(6.0)[:, np.newaxis], np.array([1, 0, 1, 1, 1, 0])
    tree = lesson.grow(X, X[:, 0], "squared_error", 1)
    answers = lesson.leaf_newton_step(tree, X, y, np.full(6, -far), "log_loss")
    p = np.exp(-far) / (1 + np.exp(-far))
    steps = (
        [0, 2 / 3 / (p * (1 - p)) - 1 / (1 - p), 2 / 3 / (p * (1 - p)) - 1 / (1 - p)]
        if far < 20
        else [0, 0, 0]
    )
    np.testing.assert_allclose(answers, steps, rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_sure_predictions_stay_finite(lesson: SimpleNamespace, seed: int) -> None:
    """Where one question is enough, 500 whole steps end far out, with answers of 0."""
    X = np.random.default_rng(seed).normal(size=(9, 2))
    model = lesson.boost(X, (X[:, 1] > 0).astype(int), "log_loss", 500, 1.0, 1)
    stages = lesson.staged_predict(model, X)
    assert np.all(np.abs(stages[-1]) > 20)
    assert np.all(np.abs(stages[-1]) < 30)
    np.testing.assert_array_equal(model["trees"][-1]["value"], [0, 0, 0])
