"""The solutions of pipeline agree with scikit-learn taken apart and with sums by hand."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_selection import f_classif
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, ParameterGrid


@pytest.fixture(scope="module")
def pipeline(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `pipeline`."""
    return solve("12-classification-pipeline", "pipeline")


def sample(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a table with gaps, labels that it tells something of, and groups with both labels."""
    rng = np.random.default_rng([n, d, seed])
    y, groups = np.arange(n) % 2, np.arange(n) // 4
    X = rng.normal(size=(n, d)) + y[:, np.newaxis]
    X[rng.uniform(size=X.shape) < 0.1] = np.nan
    order = rng.permutation(n)
    return X[order], y[order], groups[order]


@pytest.mark.parametrize("seed", range(3))
def test_shared_rows_are_none_where_whole_groups_are_dealt(
    pipeline: SimpleNamespace, seed: int
) -> None:
    """Both of the library's splitters by groups share nothing; a split of each group shares all."""
    X, y, groups = sample(40, 2, seed)
    for splitter in [GroupKFold(4), GroupShuffleSplit(5, random_state=seed)]:
        shares = pipeline.shared_rows(groups, list(splitter.split(X, y, groups)))
        np.testing.assert_array_equal(shares, 0.0)
    order = np.argsort(groups)
    np.testing.assert_array_equal(pipeline.shared_rows(groups, [(order[::2], order[1::2])]), [1.0])


@pytest.mark.parametrize(("n", "d", "k"), [(40, 3, 4), (24, 2, 3)])
def test_scores_are_those_of_models_fitted_by_hand(
    pipeline: SimpleNamespace, n: int, d: int, k: int
) -> None:
    """Each fold's log loss agrees with that of a model fitted to the training part, to 1e-8."""
    X, y, groups = sample(n, d, 0)
    expected = []
    for train, test in GroupKFold(k).split(X, y, groups):
        fitted = pipeline.fresh("bayes").fit(X[train], y[train])
        expected.append(-log_loss(y[test], fitted.predict_proba(X[test])))

    scores = pipeline.leak_free_scores("bayes", X, y, groups, k, "neg_log_loss")

    np.testing.assert_allclose(scores, expected, atol=1e-8)


def test_the_spy_knows_nothing_in_any_fold(pipeline: SimpleNamespace) -> None:
    """Rows and groups that a fold hides have not been seen in its fit."""
    _, y, groups = sample(40, 2, 0)
    X = np.column_stack([np.arange(40), groups]).astype(float)

    _, scores, fitted = pipeline.search("spy", {"column": [0, 1]}, X, y, groups, 5)

    np.testing.assert_array_equal(scores, 0.0)
    np.testing.assert_array_equal(fitted.predict(X), y)


@pytest.mark.parametrize("seed", range(3))
def test_prepared_columns_are_medians_scales_and_indicators(
    pipeline: SimpleNamespace, seed: int
) -> None:
    """The preparation agrees with one written in NumPy, to 1e-8, on rows that it did not see."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.lognormal(size=30), rng.integers(0, 4, size=30)])
    X[rng.uniform(size=X.shape) < 0.2] = np.nan
    new = np.column_stack([rng.lognormal(size=9), rng.integers(0, 6, size=9)])
    new[0] = np.nan
    filled = np.where(np.isnan(X[:, 0]), np.nanmedian(X[:, 0]), X[:, 0])
    codes, counts = np.unique(X[~np.isnan(X[:, 1]), 1], return_counts=True)
    new_code = np.where(np.isnan(new[:, 1]), codes[np.argmax(counts)], new[:, 1])
    new_number = np.where(np.isnan(new[:, 0]), np.nanmedian(X[:, 0]), new[:, 0])
    scaled = (new_number - filled.mean()) / filled.std()

    prepared = pipeline.build_preprocessor([0], [1]).fit(X).transform(new)

    np.testing.assert_allclose(prepared[:, 0], scaled, atol=1e-8)
    np.testing.assert_array_equal(prepared[:, 1:], new_code[:, np.newaxis] == codes)


def test_the_pipeline_keeps_the_columns_that_tell_most(pipeline: SimpleNamespace) -> None:
    """The model sees the k columns of the largest F, and the settings have their names."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 6)), np.arange(30) % 3
    X[:, 4] += y
    best = np.sort(np.argsort(f_classif(X, y)[0])[-2:])
    built = pipeline.build_pipeline("passthrough", 2, "tree").fit(X, y)

    np.testing.assert_array_equal(built["select"].get_support(indices=True), best)
    by_hand = pipeline.fresh("tree").fit(X[:, best], y)
    np.testing.assert_array_equal(built.predict(X), by_hand.predict(X[:, best]))
    assert built.get_params()["select__k"] == 2


def test_the_search_takes_the_best_of_all_settings(pipeline: SimpleNamespace) -> None:
    """Its scores are means of `leak_free_scores`, and the first of the largest is chosen."""
    X, y, groups = sample(40, 3, 1)
    grid = {"max_depth": [1, 2, 3], "min_samples_leaf": [1, 5]}
    settings = list(ParameterGrid(grid))
    expected = [
        pipeline.leak_free_scores(
            pipeline.fresh("tree").set_params(**one), X, y, groups, 4, "neg_log_loss"
        ).mean()
        for one in settings
    ]

    best, scores, _ = pipeline.search("tree", grid, X, y, groups, 4, "neg_log_loss")

    np.testing.assert_allclose(scores, expected, atol=1e-8)
    assert best == settings[int(np.argmax(expected))]


def test_the_report_counts_what_it_says(pipeline: SimpleNamespace) -> None:
    """Accuracy is the trace of the confusion matrix, and the baseline is the library's dummy."""
    X, y, groups = sample(60, 2, 2)
    train, test = next(GroupShuffleSplit(1, test_size=0.4, random_state=0).split(X, y, groups))

    report = pipeline.final_report("nearest", X, y, groups, train, test)

    dummy = DummyClassifier().fit(X[train], y[train])
    assert report["accuracy"] == pytest.approx(np.trace(report["confusion"]) / len(test))
    assert report["baseline"] == pytest.approx(dummy.score(X[test], y[test]))
    assert report["confusion"].sum() == len(test)


def test_the_report_refuses_a_group_on_both_sides(pipeline: SimpleNamespace) -> None:
    """A group with rows in both parts raises ValueError."""
    X, y, groups = sample(40, 2, 3)
    with pytest.raises(ValueError, match="both parts"):
        pipeline.final_report("tree", X, y, groups, np.arange(20), np.arange(20, 40))
