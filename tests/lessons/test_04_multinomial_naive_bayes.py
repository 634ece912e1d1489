"""The solutions of multinomial naive Bayes agree with scikit-learn, from the text to the posterior."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

SIZES = [(2, 1, 2), (8, 8, 2), (40, 5, 3), (30, 200, 4), (150, 60, 9)]
ALPHAS = [1e-9, 0.01, 0.3, 1.0, 25.0, 1e5]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return what `multinomial-naive-bayes` gives and solves."""
    return solve("04-generative-models", "multinomial-naive-bayes")


def counted(n: int, d: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw counts, with classes of unequal sizes, each of which occurs."""
    rng = np.random.default_rng([n, d, n_classes, seed])
    X = rng.poisson(2 * rng.uniform(size=d), size=(n, d))
    drawn = rng.integers(n_classes, size=n - n_classes) // 2
    return X, rng.permutation(np.append(np.arange(n_classes), drawn))


def jumbled(rng: np.random.Generator) -> str:
    """Draw a text with marks, digits, capitals and accents in all places."""
    return "".join(rng.choice(list("aabcdeABéÜ079__  .,;'-!\n\t"), size=rng.integers(1, 80)))


def test_words_and_counts_are_the_library(lesson: SimpleNamespace) -> None:
    """Words, their order, and the counts of the postcards are those of CountVectorizer."""
    vectorizer = CountVectorizer()
    theirs = vectorizer.fit_transform(lesson.texts).toarray()
    vocabulary = sorted({word for text in lesson.texts for word in lesson.tokenize(text)})
    assert vocabulary == list(vectorizer.get_feature_names_out())
    np.testing.assert_array_equal(lesson.count_matrix(lesson.texts, vocabulary), theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_odd_texts_are_the_library(lesson: SimpleNamespace, seed: int) -> None:
    """Whatever the text, the words are those of the library, and unknown ones are left out."""
    rng = np.random.default_rng(seed)
    analyse = CountVectorizer().build_analyzer()
    texts = [jumbled(rng) for _ in range(200)]
    for text in texts:
        assert lesson.tokenize(text) == analyse(text)
    vocabulary = sorted({word for text in texts[:50] for word in analyse(text)})
    theirs = CountVectorizer(vocabulary=vocabulary).transform(texts).toarray()
    np.testing.assert_array_equal(lesson.count_matrix(texts, vocabulary), theirs)


@pytest.mark.parametrize(("n", "d", "n_classes"), SIZES)
@pytest.mark.parametrize("alpha", ALPHAS)
def test_model_is_the_library(
    lesson: SimpleNamespace, n: int, d: int, n_classes: int, alpha: float
) -> None:
    """Priors, word probabilities, posteriors and decisions are those of MultinomialNB, to 1e-8."""
    for seed in SEEDS:
        X, y = counted(n, d, n_classes, seed)
        model = MultinomialNB(alpha=alpha).fit(X, y)
        log_prior, log_theta = lesson.fit(X, y, alpha)
        np.testing.assert_allclose(log_prior, model.class_log_prior_, rtol=0, atol=1e-10)
        np.testing.assert_allclose(log_theta, model.feature_log_prob_, rtol=1e-10, atol=1e-10)

        new = counted(n, d, n_classes, seed + 100)[0]
        log_p = lesson.log_posterior(new, log_prior, log_theta)
        np.testing.assert_allclose(log_p, model.predict_log_proba(new), rtol=1e-8, atol=1e-8)
        # Where two classes are equally likely, rounding decides.
        top = np.sort(log_p, axis=1)
        clear = top[:, -1] - top[:, -2] > 1e-9
        labels = lesson.predict(new, log_prior, log_theta)
        np.testing.assert_array_equal(labels[clear], model.predict(new)[clear])


@pytest.mark.parametrize(("n", "d", "n_classes"), SIZES)
def test_probabilities_add_up_to_one(
    lesson: SimpleNamespace, n: int, d: int, n_classes: int
) -> None:
    """Priors, words of each class, and posteriors do, for texts of any length."""
    X, y = counted(n, d, n_classes, 0)
    for alpha in ALPHAS:
        log_prior, log_theta = lesson.fit(X, y, alpha)
        assert np.exp(log_prior).sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(np.exp(log_theta).sum(axis=1), 1, rtol=0, atol=1e-12)
        for times in (0, 1, 1000):
            log_p = lesson.log_posterior(times * X, log_prior, log_theta)
            assert np.isfinite(log_p).all()
            np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=0, atol=1e-12)


def test_smoothed_shares_maximise_the_penalised_likelihood(lesson: SimpleNamespace) -> None:
    """No other probabilities have a larger sum of (count + alpha) ln theta, as the lesson proves."""
    rng = np.random.default_rng(0)
    for alpha in (0.3, 1.0, 10.0):
        X, y = counted(20, 6, 2, 1)
        log_theta = lesson.fit(X, y, alpha)[1]
        for k in range(2):
            weights = X[y == k].sum(axis=0) + alpha
            others = np.log(rng.dirichlet(np.exp(log_theta[k]) * 200, size=300))
            assert np.all(others @ weights <= log_theta[k] @ weights)


def test_without_smoothing_unseen_words_are_impossible(lesson: SimpleNamespace) -> None:
    """With alpha = 0 the probabilities are plain shares, and -inf stands for a share of 0."""
    X, y = counted(12, 9, 3, 2)
    X[:, 0] += 1
    counts = np.array([X[y == k].sum(axis=0) for k in range(3)])
    log_theta = lesson.fit(X, y, 0)[1]
    np.testing.assert_array_equal(np.isneginf(log_theta), counts == 0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(log_theta), shares, atol=1e-14)


def test_top_words_raise_the_odds_most(lesson: SimpleNamespace) -> None:
    """With two classes one more top word raises the log-odds more than any word behind it."""
    X, y = counted(40, 25, 2, 3)
    log_prior, log_theta = lesson.fit(X, y)
    words = [f"w{j}" for j in range(25)]
    for k in range(2):
        found = lesson.top_words(words, log_theta, k, 25)
        assert sorted(found) == sorted(words)
        log_p = lesson.log_posterior(np.eye(25), log_prior, log_theta)
        odds = log_p[:, k] - log_p[:, 1 - k]
        assert np.all(np.diff([odds[words.index(word)] for word in found]) <= 1e-12)
        assert lesson.top_words(words, log_theta, k, 4) == found[:4]
