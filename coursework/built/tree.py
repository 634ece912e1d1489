"""What the lesson 05-neighbours-and-trees/decision-trees builds, for later lessons to import.

Made by `coursework build` of the cells marked module="tree" in
lessons/05-neighbours-and-trees/decision-trees.md: change them, not this file.
"""

__all__ = [
    "apply",
    "as_tree",
    "best_split",
    "class_gains",
    "class_impurity",
    "effective_alphas",
    "entropy",
    "gains",
    "gini",
    "grow",
    "impurity",
    "information_gain",
    "leaf",
    "make_leaves",
    "predict_tree",
    "prune",
    "pruning_path",
    "variance_gains",
]

import numpy as np


def gini(counts):
    """Gini impurity of one or many groups.

    Parameters
    ----------
    counts : ndarray, shape (..., K)
        How many samples of each class a group has, floats or whole numbers from 0 on, with
        any number of axes in front of the last one. Each group has at least one sample. It
        is left unchanged.

    Returns
    -------
    ndarray of float, shape (...)
        Impurity of each group; of a single group a float.
    """
    p = counts / np.sum(counts, axis=-1, keepdims=True)
    return np.sum(p * (1 - p), axis=-1)


def entropy(counts):
    """Entropy of one or many groups, in bits.

    Parameters
    ----------
    counts : ndarray, shape (..., K)
        How many samples of each class a group has, floats or whole numbers from 0 on, with
        any number of axes in front of the last one. Each group has at least one sample. It
        is left unchanged.

    Returns
    -------
    ndarray of float, shape (...)
        Entropy of each group, with logarithms to the base 2; of a single group a float. A
        class with the count 0 adds 0.
    """
    shares = counts / np.sum(counts, axis=-1, keepdims=True)
    return np.sum(-shares * np.log2(np.where(shares > 0, shares, 1.0)), axis=-1)


def class_impurity(counts, criterion):
    """Impurity by its name, "gini" or "entropy"."""
    return {"gini": gini, "entropy": entropy}[criterion](counts)


def information_gain(left, right, criterion):
    """How much less impure a group is, on average, after it is divided in two.

    Parameters
    ----------
    left, right : ndarray, shape (..., K)
        Counts of the classes in the two parts, floats or whole numbers from 0 on, with any
        number of axes in front: one division each. Each part has at least one sample. Both are
        left unchanged.
    criterion : str
        "gini" or "entropy", as in `class_impurity`.

    Returns
    -------
    ndarray of float, shape (...)
        Gain of each division; of a single one a float.
    """
    n_left, n_right = np.sum(left, axis=-1), np.sum(right, axis=-1)
    parts = n_left * class_impurity(left, criterion) + n_right * class_impurity(right, criterion)
    return class_impurity(left + right, criterion) - parts / (n_left + n_right)


def class_gains(y, criterion):
    """Gain of each cut through a row of labels.

    The work is proportional to n times K: n may be 100 000.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Labels from 0 on, in the order in which they are cut; n is at least 2. They are left
        unchanged. There are K = max(y) + 1 classes, some of which may be missing.
    criterion : str
        "gini" or "entropy".

    Returns
    -------
    ndarray of float, shape (n - 1,)
        Entry i is the gain of the cut that puts the first i + 1 labels to the left.
    """
    sums = np.cumsum(np.eye(np.max(y) + 1)[y], axis=0)
    return information_gain(sums[:-1], sums[-1] - sums[:-1], criterion)


def variance_gains(y):
    """Fall of the variance at each cut through a row of targets.

    The work is proportional to n: n may be 200 000. Gains of targets that are large and
    close together, such as 1e8 and 1e8 + 1, are right to some five digits.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Targets in the order in which they are cut, floats or whole numbers; n is at least 2.
        They are left unchanged.

    Returns
    -------
    ndarray of float, shape (n - 1,)
        Entry i is the variance of y, less the variances of its first i + 1 targets and of the
        others, each weighted by its share of the n targets. Variances divide by the number
        of targets.
    """
    n_left = np.arange(1, len(y))
    S = np.cumsum(y - np.mean(y))[:-1]
    return S**2 / (n_left * (len(y) - n_left))


def gains(y, criterion):
    """Gain of each cut through a row: of labels ("gini", "entropy") or numbers ("squared_error")."""
    return variance_gains(y) if criterion == "squared_error" else class_gains(y, criterion)


def impurity(y, criterion):
    """Impurity of a group: the variance, or that of the counts of its labels."""
    return np.var(y) if criterion == "squared_error" else class_impurity(np.bincount(y), criterion)


def best_split(X, y, criterion, min_samples_leaf=1, features=None):
    """The question "x[feature] <= threshold" with the largest gain.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. It is left
        unchanged, as is `y`.
    y : ndarray, shape (n,)
        Whole numbers from 0 on for "gini" and "entropy"; for "squared_error" any numbers that
        are not far from 0, compared with the distances between them.
    criterion : str
        "gini", "entropy" or "squared_error".
    min_samples_leaf : int
        How many samples each side has at least, 1 or more.
    features : sequence of int, optional
        The columns that may be asked for, in any order; all of them by default.

    Returns
    -------
    tuple of int and float, or None
        Feature and threshold. The threshold lies halfway between two neighbouring values of
        the column, or is the lower one where halfway rounds to the upper one. Questions whose
        gain is within 1e-9 times the impurity of `y` of the largest one count as equal: of
        these the lowest feature is taken, and then the lowest threshold. None if no question
        leaves enough samples on both sides, as for a single sample.
    """
    found = []
    for j in range(X.shape[1]) if features is None else sorted(features):
        order = np.argsort(X[:, j], kind="stable")
        x, gain = X[order, j], gains(y[order], criterion)
        for i in np.flatnonzero(x[:-1] < x[1:]):
            if min_samples_leaf <= i + 1 <= len(y) - min_samples_leaf:
                found.append((gain[i], int(j), x[i], x[i + 1]))
    if not found:
        return None
    enough = max(found)[0] - 1e-9 * impurity(y, criterion)
    _, feature, a, b = next(question for question in found if question[0] >= enough)
    middle = a / 2 + b / 2
    return feature, float(middle if middle < b else a)


def leaf(y, criterion):
    """What the table says of a node with the targets y that is not divided."""
    value = np.mean(y) if criterion == "squared_error" else np.argmax(np.bincount(y))
    node = {"feature": -1, "threshold": 0.0, "left": -1, "right": -1}
    return {**node, "value": value, "n": len(y), "impurity": impurity(y, criterion)}


def as_tree(nodes):
    """Make of a list of nodes the table: a dict of arrays, one entry a node."""
    return {key: np.array([node[key] for node in nodes]) for key in nodes[0]}


def grow(X, y, criterion, max_depth=None, min_samples_leaf=1, choose_features=None):
    """Grow a decision tree.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. It is left
        unchanged, as is `y`.
    y : ndarray, shape (n,)
        Whole numbers from 0 on for "gini" and "entropy", any numbers for "squared_error".
    criterion : str
        "gini", "entropy" or "squared_error".
    max_depth : int, optional
        How many questions lead to a leaf at most; 0 is a single leaf. No limit by default:
        a tree of 1200 samples may be a chain of 1199 questions.
    min_samples_leaf : int
        How many samples a leaf has at least, 1 or more (but the root may have fewer).
    choose_features : callable, optional
        ``choose_features(d)`` returns the columns that may be asked for at a node, a sequence
        of int. It is called once for each node whose split is sought, just before: that is,
        for each node above `max_depth` whose targets differ. The order is from the root, and
        all below a left child comes before its right sibling.

    Returns
    -------
    dict of ndarray
        The table of nodes, of `leaf` and `as_tree`. The root is node 0, and children have
        larger numbers than their parents; the numbers are otherwise up to you. Samples with
        ``x[feature] <= threshold`` go left. A node is not divided if all its targets are equal,
        at `max_depth`, or where `best_split` is None; a gain of 0 is no reason to stop.
    """
    nodes, to_do = [leaf(y, criterion)], [(0, np.arange(len(y)), 0)]
    while to_do:
        i, rows, depth = to_do.pop()
        if depth == max_depth or np.all(y[rows] == y[rows[0]]):
            continue
        features = None if choose_features is None else choose_features(X.shape[1])
        split = best_split(X[rows], y[rows], criterion, min_samples_leaf, features)
        if split is not None:
            goes_left = X[rows, split[0]] <= split[1]
            left, right, m = rows[goes_left], rows[~goes_left], len(nodes)
            nodes[i].update(feature=split[0], threshold=split[1], left=m, right=m + 1)
            nodes += [leaf(y[left], criterion), leaf(y[right], criterion)]
            to_do += [(m + 1, right, depth + 1), (m, left, depth + 1)]
    return as_tree(nodes)


def apply(tree, X):
    """The leaf that each sample falls into.

    Parameters
    ----------
    tree : dict
        A tree as `grow` returns it, which may be a chain of 1200 questions. It is left
        unchanged, as is `X`.
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n may be 0.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of its node in the tree. A sample with ``x[feature] <= threshold`` goes left.
    """
    node = np.zeros(len(X), dtype=int)
    while True:
        moving = np.flatnonzero(tree["feature"][node] >= 0)
        if len(moving) == 0:
            return node
        at = node[moving]
        goes_left = X[moving, tree["feature"][at]] <= tree["threshold"][at]
        node[moving] = np.where(goes_left, tree["left"][at], tree["right"][at])


def predict_tree(tree, X):
    """Answer of the tree for each sample: its leaf's class or mean."""
    return tree["value"][apply(tree, X)]


def effective_alphas(tree):
    """Fall of the weighted impurity below each node, for each leaf that is added.

    Parameters
    ----------
    tree : dict
        A tree as `grow` returns it: children have larger numbers than their parents. It is left
        unchanged, and may be a chain of 1200 questions.

    Returns
    -------
    ndarray of float, shape (number of nodes,)
        (R(t) - R(T_t)) / (m - 1) for inner nodes, with R(t) the impurity of the node times
        its share of the samples of the root, R(T_t) the sum of R over the m leaves below it.
        Infinite for leaves.
    """
    R = tree["n"] / tree["n"][0] * tree["impurity"]
    below, leaves, alphas = R.copy(), np.ones(len(R)), np.full(len(R), np.inf)
    for i in reversed(range(len(R))):
        left, right = tree["left"][i], tree["right"][i]
        if left >= 0:
            below[i], leaves[i] = below[left] + below[right], leaves[left] + leaves[right]
            alphas[i] = (R[i] - below[i]) / (leaves[i] - 1)
    return alphas


def make_leaves(tree, is_leaf):
    """The tree in which marked nodes are leaves; it is numbered anew from the root, left first.

    `is_leaf` has a truth value for each node; those of old leaves make no difference.
    """
    nodes, to_do = [], [(0, -1, "")]
    while to_do:
        i, parent, side = to_do.pop()
        node, m = {key: column[i] for key, column in tree.items()}, len(nodes)
        if parent >= 0:
            nodes[parent][side] = m
        if is_leaf[i] or node["left"] < 0:
            node.update(feature=-1, threshold=0.0, left=-1, right=-1)
        else:
            to_do += [(node["right"], m, "right"), (node["left"], m, "left")]
        nodes.append(node)
    return as_tree(nodes)


def prune(tree, ccp_alpha):
    """The cheapest pruned tree, if each leaf costs `ccp_alpha`.

    Parameters
    ----------
    tree : dict
        A tree as `grow` returns it: children have larger numbers than their parents. It is left
        unchanged, and may be a chain of 1200 questions.
    ccp_alpha : float
        Cost of a leaf, 0 or more; its impurity, weighted by its share of the samples, is added.

    Returns
    -------
    dict of ndarray
        Of all trees that come from `tree` by making leaves of inner nodes, the one with the
        smallest cost. An inner node becomes a leaf if as a leaf it costs no more than what is
        below it costs at best, plus 1e-12 times the impurity of the root. It is numbered as
        `make_leaves` does.
    """
    cost = tree["n"] / tree["n"][0] * tree["impurity"] + ccp_alpha
    is_leaf = np.full(len(cost), False)
    for i in reversed(range(len(cost))):
        if tree["left"][i] >= 0:
            below = cost[tree["left"][i]] + cost[tree["right"][i]]
            is_leaf[i] = cost[i] <= below + 1e-12 * tree["impurity"][0]
            cost[i] = min(cost[i], below)
    return make_leaves(tree, is_leaf)


def pruning_path(tree):
    """Values of alpha at which a pruned tree changes, from 0 on; for trees of some hundred nodes."""
    alphas = [0.0]
    while len(tree["n"]) > 1:
        links = effective_alphas(tree)
        alphas.append(max(alphas[-1], np.min(links)))
        tree = make_leaves(tree, links <= alphas[-1] + 1e-12 * tree["impurity"][0])
    return np.array(alphas)
