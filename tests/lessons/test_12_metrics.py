"""The solutions of metrics agree with scikit-learn, with its conventions, to 1e-12."""

import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.exceptions import UndefinedMetricWarning

SEEDS = range(40)
LABELS = ["mixed", "no positives", "no negatives"]


@pytest.fixture(scope="module")
def ours(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `metrics`."""
    return solve("12-classification-pipeline", "metrics")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Silence the library where it warns of classes that are absent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        warnings.filterwarnings("ignore", message="No positive class|A single label")
        yield


def scored(seed: int, labels: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels and scores: many ties, few, or one constant score."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    y = {
        "mixed": np.append(rng.integers(0, 2, size=n - 2), [0, 1]),
        "no positives": np.zeros(n, dtype=int),
        "no negatives": np.ones(n, dtype=int),
    }[labels]
    return y, rng.integers(0, [1, 4, 1000][seed % 3], size=n) / 7 - 0.3


def agree(actual: tuple, expected: tuple) -> None:
    """Compare arrays one by one; nan equals nan."""
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
class TestCounts:
    """Matrices and the scores made of them, also where classes are absent."""

    def sample(self, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Draw true and predicted classes, few samples for many classes."""
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 7))
        n = int(rng.integers(1, 12))
        return rng.integers(k, size=n), rng.integers(k, size=n), k

    def test_matrix(self, ours: SimpleNamespace, seed: int) -> None:
        """A class in neither array has a row and a column of zeros."""
        y, y_hat, k = self.sample(seed)

        expected = metrics.confusion_matrix(y, y_hat, labels=range(k))

        np.testing.assert_array_equal(ours.confusion_matrix(y, y_hat, k), expected)

    @pytest.mark.parametrize("average", [None, "macro", "micro"])
    def test_scores(self, ours: SimpleNamespace, seed: int, average: str | None) -> None:
        """Scores are 0 where their denominator is, as with the library's `zero_division`."""
        y, y_hat, k = self.sample(seed)
        matrix = ours.confusion_matrix(y, y_hat, k)

        expected = metrics.precision_recall_fscore_support(
            y, y_hat, labels=range(k), average=average, zero_division=0
        )[:3]

        scores = ours.averaged(matrix, average) if average else ours.precision_recall_f1(matrix)
        agree(scores, expected)

    def test_micro_is_accuracy(self, ours: SimpleNamespace, seed: int) -> None:
        """With one label a sample all three micro scores are accuracy."""
        y, y_hat, k = self.sample(seed)

        scores = ours.averaged(ours.confusion_matrix(y, y_hat, k), "micro")

        agree(scores, (metrics.accuracy_score(y, y_hat),) * 3)


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("seed", SEEDS)
class TestCurves:
    """Curves and areas, with ties, constant scores and one class alone."""

    def test_counts(self, ours: SimpleNamespace, seed: int, labels: str) -> None:
        """Behind the entry at infinity are the library's confusion matrices at thresholds."""
        y, score = scored(seed, labels)

        tp, fp, thresholds = ours.threshold_counts(y, score)

        at = metrics.confusion_matrix_at_thresholds(y, score, pos_label=1)
        agree((fp[1:], tp[1:], thresholds[1:]), (at[1], at[3], at[4]))
        assert (tp[0], fp[0], thresholds[0]) == (0, 0, np.inf)

    def test_roc(self, ours: SimpleNamespace, seed: int, labels: str) -> None:
        """All points agree; those that the library keeps by default are among them."""
        y, score = scored(seed, labels)

        curve = ours.roc_curve(y, score)

        agree(curve, metrics.roc_curve(y, score, pos_label=1, drop_intermediate=False))
        fewer = metrics.roc_curve(y, score, pos_label=1)
        agree([part[np.isin(curve[2], fewer[2])] for part in curve], fewer)

    def test_area(self, ours: SimpleNamespace, seed: int, labels: str) -> None:
        """The area is the library's, and nan where one class is absent."""
        y, score = scored(seed, labels)

        np.testing.assert_allclose(ours.roc_auc(y, score), metrics.roc_auc_score(y, score))

    def test_precision_and_recall(self, ours: SimpleNamespace, seed: int, labels: str) -> None:
        """The curve is the library's, and so is its average precision."""
        y, score = scored(seed, labels)

        curve = ours.precision_recall_curve(y, score)

        agree(curve, metrics.precision_recall_curve(y, score, pos_label=1))
        average = metrics.average_precision_score(y, score)
        agree((ours.average_precision(*curve[:2]),), (average,))

    @pytest.mark.parametrize("n_bins", [1, 4, 5, 10])
    def test_calibration(self, ours: SimpleNamespace, seed: int, labels: str, n_bins: int) -> None:
        """Bins agree, with probabilities on their borders, at 0 and at 1."""
        y, _ = scored(seed, labels)
        p = np.random.default_rng(seed).integers(0, 21, size=len(y)) / 20

        expected = calibration_curve(y, p, n_bins=n_bins, pos_label=1)

        agree(ours.calibration_curve(y, p, n_bins), expected)

    def test_cheapest(self, ours: SimpleNamespace, seed: int, labels: str) -> None:
        """No threshold is cheaper, and no higher one costs the same."""
        y, score = scored(seed, labels)

        chosen = ours.cheapest_threshold(y, score, 3, 2)

        costs = {
            t: 3 * np.sum(y[score < t]) + 2 * np.sum(1 - y[score >= t]) for t in [np.inf, *score]
        }
        assert chosen == max(t for t, cost in costs.items() if cost == min(costs.values()))


def test_tied_pairs_count_one_half(ours: SimpleNamespace) -> None:
    """The area is the mean over all pairs, a tie counting one half."""
    y, score = scored(4, "mixed")
    gap = np.sign(score[y == 1][:, np.newaxis] - score[y == 0])

    assert ours.roc_auc(y, score) == pytest.approx(np.mean((gap + 1) / 2))


def test_a_constant_score_shows_why_strips_mislead(ours: SimpleNamespace) -> None:
    """Its average precision is the base rate; straight lines would make 0.55 of a tenth."""
    precision, recall, _ = ours.precision_recall_curve(np.repeat([1, 0], [1, 9]), np.zeros(10))

    assert ours.average_precision(precision, recall) == pytest.approx(0.1)
    assert -np.trapezoid(precision, recall) == pytest.approx(0.55)
