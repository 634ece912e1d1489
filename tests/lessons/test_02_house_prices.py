"""The solutions of the house prices agree with scikit-learn, and their claims hold for other seeds."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LassoCV, Ridge, RidgeCV
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coursework import data
from coursework.built.lasso import lasso_coordinate_descent
from coursework.built.ridge import ridge_closed_form

LESSON = Path(__file__).parents[2] / "lessons/02-regularization/house-prices.md"
close = pytest.approx
Folds = list[tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def houses(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `house-prices`."""
    return solve("02-regularization", "house-prices")


def ridge(X: np.ndarray, y: np.ndarray, new: np.ndarray, lam: float) -> np.ndarray:
    """Fit ridge regression to features as they are, and predict."""
    w, b = ridge_closed_form(X, y, lam)
    return new @ w + b


def lasso(X: np.ndarray, y: np.ndarray, new: np.ndarray, lam: float) -> np.ndarray:
    """Fit the lasso to features as they are, and predict."""
    w, b = lasso_coordinate_descent(X, y, lam, 100_000, 1e-13)
    return new @ w + b


@pytest.mark.parametrize(("n", "k"), [(2, 2), (7, 3), (10, 5), (23, 4), (9, 9)])
def test_folds_are_those_of_the_library_but_for_the_shuffle(
    houses: SimpleNamespace, n: int, k: int
) -> None:
    """Sizes are those of `KFold`, and fold by fold the places in the drawn order, too."""
    order = np.random.default_rng(n).permutation(n)
    folds = houses.k_fold_indices(n, k, np.random.default_rng(n))

    for (train, validation), (_, places) in zip(folds, KFold(k).split(order), strict=True):
        np.testing.assert_array_equal(validation, order[places])
        np.testing.assert_array_equal(np.sort(np.append(train, validation)), np.arange(n))


@pytest.fixture(params=range(5))
def prepared(request: pytest.FixtureRequest, houses: SimpleNamespace) -> tuple:
    """Return standardised synthetic houses, their log prices and five folds of equal size."""
    rng = np.random.default_rng(request.param)
    X, y = data.synthetic_houses(60, irrelevant=4, rng=rng)
    return houses.prepare_features(X, X)[0], y, houses.k_fold_indices(60, 5, rng)


def test_lasso_errors_are_those_of_the_library(houses: SimpleNamespace, prepared: tuple) -> None:
    """The table is `mse_path_` of `LassoCV`, whose alpha is half of λ."""
    X, y, folds = prepared
    lams = np.array([0.2, 0.05, 0.01])
    model = LassoCV(alphas=lams / 2, cv=folds, tol=1e-13, max_iter=1_000_000).fit(X, y)

    errors = houses.cross_validate(lasso, X, y, lams, folds)

    np.testing.assert_allclose(errors, model.mse_path_, rtol=1e-8)
    assert houses.choose_lambda(lams, errors)[0] == close(2 * model.alpha_)


def test_ridge_errors_are_those_of_the_library(houses: SimpleNamespace, prepared: tuple) -> None:
    """The best λ and its mean error are those of `RidgeCV`, whose alpha is n λ."""
    X, y, folds = prepared
    lams = np.geomspace(1e-3, 10, 9)
    model = RidgeCV(48 * lams, cv=folds, scoring="neg_mean_squared_error").fit(X, y)

    errors = houses.cross_validate(ridge, X, y, lams, folds)

    assert houses.choose_lambda(lams, errors)[0] == close(model.alpha_ / 48)
    assert np.min(np.mean(errors, axis=1)) == close(-model.best_score_, rel=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_preparation_inside_of_the_folds_is_the_pipeline(
    houses: SimpleNamespace, seed: int
) -> None:
    """All errors are those of a pipeline of imputer, scaler and ridge in `GridSearchCV`."""
    rng = np.random.default_rng(seed)
    X, y = data.synthetic_houses(80, irrelevant=5, missing=0.1, rng=rng)
    folds, lams = houses.k_fold_indices(80, 4, rng), np.array([0.01, 0.3, 4.0])
    pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge())
    grid = {"ridge__alpha": 60 * lams}
    search = GridSearchCV(pipeline, grid, scoring="neg_mean_squared_error", cv=folds).fit(X, y)
    theirs = [-search.cv_results_[f"split{j}_test_score"] for j in range(4)]

    def fit(X: np.ndarray, y: np.ndarray, new: np.ndarray, lam: float) -> np.ndarray:
        ready, ready_new = houses.prepare_features(X, new)
        return ridge(ready, y, ready_new, lam)

    errors = houses.cross_validate(fit, X, y, lams, folds)

    np.testing.assert_allclose(errors, np.column_stack(theirs), rtol=1e-8)


@pytest.mark.parametrize("n", [3, 20, 101])
def test_the_verdict_is_that_of_the_library(houses: SimpleNamespace, n: int) -> None:
    """Root mean squared error and R² are `root_mean_squared_error` and `r2_score`."""
    rng = np.random.default_rng(n)
    y, y_hat = 5 + rng.normal(size=n), 5 + rng.normal(size=n)
    prices, predicted = np.exp(y), np.exp(y_hat)

    rmse, r2, off = houses.evaluate(y, y_hat)

    assert rmse == close(root_mean_squared_error(y, y_hat), rel=1e-12)
    assert r2 == close(r2_score(y, y_hat), rel=1e-12)
    assert off == close(np.median(np.abs(predicted - prices) / prices), rel=1e-10)


def test_features_chosen_outside_of_the_folds_explain_a_lottery(houses: SimpleNamespace) -> None:
    """Ten of 2000 random features always seem to explain much; chosen inside, on average nothing."""
    shares = []
    for seed in range(5, 10):
        rng = np.random.default_rng(seed)
        _, y = data.synthetic_houses(100, rng=rng)
        X = rng.normal(size=(100, 2000))
        folds = houses.k_fold_indices(100, 5, rng)
        ten = houses.strongest(X, y, 10)
        outside = houses.cross_validate(houses.plain_fit, X[:, ten], y, [0.0], folds)
        inside = houses.cross_validate(houses.choose_then_fit, X, y, [0.0], folds)
        shares.append([1 - np.mean(errors) / np.var(y) for errors in (outside, inside)])
    outside, inside = np.transpose(shares)

    assert np.min(outside) > 0.2
    assert np.mean(inside) < 0
    assert np.all(inside < outside - 0.2)


def test_other_houses_move_the_choice_more_than_other_folds(houses: SimpleNamespace) -> None:
    """New folds of the same houses do not show how uncertain the best λ of ridge is."""
    lams = np.geomspace(1e-3, 10, 25)

    def choose(houses_seed: int, folds_seed: int) -> float:
        rng = np.random.default_rng(houses_seed)
        X, y = data.synthetic_houses(150, irrelevant=32, missing=0.05, rng=rng)
        folds = houses.k_fold_indices(150, 10, np.random.default_rng(folds_seed))
        errors = houses.cross_validate(houses.ridge_prices, X, y, lams, folds)
        return houses.choose_lambda(lams, errors)[0]

    by_folds = np.log([choose(0, seed) for seed in range(1, 9)])
    by_houses = np.log([choose(seed, 1) for seed in range(1, 9)])

    assert np.ptp(by_houses) > np.log(2.5)
    assert np.ptp(by_houses) > 1.5 * np.ptp(by_folds)


def real_cells() -> list[str]:
    """Return the cell with the switch and the cell that it switches."""
    cells = re.findall(r"```python[^\n]*\n(.*?)```", LESSON.read_text("utf-8"), re.DOTALL)
    return [cell for cell in cells if "REAL_PRICES" in cell]


def test_real_prices_are_not_asked_for_by_default(
    houses: SimpleNamespace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, the lesson does not even look for them."""
    monkeypatch.setattr(data, "california_housing", None)
    switch, use = real_cells()
    names = {**vars(houses), "data": data, "np": np}
    exec(switch + use, names)

    assert "nothing was downloaded" in capsys.readouterr().out


def test_real_prices_go_through_the_same_functions(
    houses: SimpleNamespace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the switch at True, blocks in the stored format are split, fitted and judged."""
    rng = np.random.default_rng(0)
    stored = np.column_stack([np.exp(12 + 0.4 * rng.normal(size=200)), rng.uniform(1, 9, (200, 8))])
    joblib.dump(stored, tmp_path / "cal_housing_py3.pkz", compress=6)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    switch, use = real_cells()
    names = {**vars(houses), "data": data, "np": np}
    exec(switch.replace("False", "True") + use, names)

    assert "real house values: rmse" in capsys.readouterr().out
