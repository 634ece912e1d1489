"""What the lesson 10-neural-networks/training-with-autodiff builds, for later lessons to import.

Made by `coursework build` of the cells marked module="network" in
lessons/10-neural-networks/training-with-autodiff.md: change them, not this file.
"""

__all__ = [
    "Adam",
    "Chain",
    "Linear",
    "MLP",
    "SGD",
    "Stack",
    "Tensor",
    "WithDropout",
    "cross_entropy",
    "dropout",
    "early_stopping",
    "evaluate",
    "parameters",
    "train_epoch",
    "train_step",
]

import numpy as np

from coursework.built import adam, descent, engine
from coursework.built.adam import Adam
from coursework.built.descent import SGD
from coursework.built.engine import Tensor, no_grad
from coursework.built.layers import he_init


# Leave this line as it is: the tests use the name.
Tensor = engine.Tensor


class Linear:
    """A layer of weighted sums, x W + b.

    Parameters
    ----------
    d_in : int
        Number of inputs, at least 1.
    d_out : int
        Number of outputs, at least 1.
    rng : numpy.random.Generator
        The weights are those of `he_init(d_in, d_out, rng)`, called once. Nothing else is
        drawn.

    Attributes
    ----------
    W : Tensor, shape (d_in, d_out)
    b : Tensor, shape (d_out,)
        Zeros at first. Both want a gradient. Their data may be set anew.
    """

    def __init__(self, d_in, d_out, rng):
        self.W = Tensor(he_init(d_in, d_out, rng))
        self.b = Tensor(np.zeros(d_out))

    def __call__(self, x):
        """Return the weighted sums.

        Parameters
        ----------
        x : Tensor or ndarray, shape (d_in,) or (n, d_in) or (m, n, d_in)
            Samples, in the last axis the inputs of one.

        Returns
        -------
        Tensor
            Of the shape of x with d_out in place of d_in.
        """
        return x @ self.W + self.b


class MLP:
    """Linear layers in a row, with relu after each but the last.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of inputs, of units in each hidden layer, and of outputs; two or more numbers.
        With two there is one layer, and no relu.
    rng : numpy.random.Generator
        Makes the layers, from the first to the last, as `Linear` does.

    Attributes
    ----------
    layers : list of Linear
        From the first to the last.
    training : bool
        Whether it is being trained. To this network it makes no difference; in part 2 there
        is one to which it does.
    """

    def __init__(self, sizes, rng):
        self.training = True
        self.layers = [Linear(d_in, d_out, rng) for d_in, d_out in zip(sizes[:-1], sizes[1:])]

    def __call__(self, x):
        """Return the scores, a Tensor; x and its shape are as for `Linear`."""
        *hidden, last = self.layers
        for layer in hidden:
            x = layer(x).relu()
        return last(x)


class Stack:
    """Given, for the tests: a network that is no MLP. Leave it as it is."""

    def __init__(self, *parts):
        self.layers = list(parts)


def parameters(part):
    """All tensors that are to be learned in a part of a model.

    Parameters
    ----------
    part : Tensor, Linear, network or list
        A tensor counts itself. A network is an object with an attribute `layers`, a list, as
        an MLP has it. A list, which may be empty, holds parts of any of these kinds, lists too.

    Returns
    -------
    list of Tensor
        From the first part to the last; of a Linear, W before b. They are the tensors
        themselves, no copies. One that occurs several times is listed where it occurs first.
    """
    if isinstance(part, Tensor):
        return [part]
    if isinstance(part, Linear):
        return [part.W, part.b]
    members = part if isinstance(part, list) else part.layers
    return list(dict.fromkeys(p for member in members for p in parameters(member)))


def cross_entropy(scores, y):
    """Mean of -ln(probability given to the label), a Tensor; scores (n, k), labels y (n,)."""
    return -scores.log_softmax()[np.arange(len(y)), y].mean()


# Given, for the tests: leave it as it is.
SGD, Adam = descent.SGD, adam.Adam


class Chain:
    """Another network: weighted sums with tanh between. It notes `training` in each call."""

    def __init__(self, *pairs):
        self.layers = [[engine.Tensor(np.array(array)) for array in pair] for pair in pairs]
        self.training, self.calls = True, []

    def __call__(self, x):
        self.calls.append(self.training)
        *hidden, (W, b) = self.layers
        for V, c in hidden:
            x = (x @ V + c).tanh()
        return x @ W + b


def train_step(network, optimizer, X, y):
    """Take one step of training on one batch.

    Parameters
    ----------
    network : MLP, or another network
        Called with X, once, it returns scores, a Tensor. Its `parameters` are changed in place,
        and nothing else of it: `training` stays as it is.
        Gradients that they have from earlier are forgotten; afterwards they hold those of this
        batch.
    optimizer : SGD, Adam, or another
        Its `step(params, grads)` takes lists of arrays: the data of all parameters, in the
        order of `parameters`, and their gradients. It is called once.
    X : ndarray, shape (n, d)
        The batch, one sample a row; n is at least 1.
    y : ndarray of int, shape (n,)
        Labels.

    Returns
    -------
    float
        Cross-entropy of the batch before the step.
    """
    params = parameters(network)
    for p in params:
        p.grad = None
    loss = cross_entropy(network(X), y)
    loss.backward()
    optimizer.step([p.data for p in params], [p.grad for p in params])
    return float(loss)


def train_epoch(network, optimizer, X, y, batch_size, rng):
    """Train on each sample once, in batches and in random order.

    Parameters
    ----------
    network : MLP, or another network
        As for `train_step`, which takes the steps, one for each batch: its `parameters` are
        changed in place.
    optimizer : SGD, Adam, or another
        As for `train_step`.
    X : ndarray, shape (n, d)
        Training samples, one a row; n is at least 1.
    y : ndarray of int, shape (n,)
        Their labels.
    batch_size : int
        At least 1; the last batch has what is left. It may be larger than n.
    rng : numpy.random.Generator
        One call of `rng.permutation(n)` gives the order: the first batch are the samples that
        its first `batch_size` entries name, and so on. Nothing else is drawn.

    Returns
    -------
    float
        Mean over all samples of their loss when their batch came, before its step.
    """
    order, total = rng.permutation(len(X)), 0.0
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        total += len(batch) * train_step(network, optimizer, X[batch], y[batch])
    return total / len(X)


def evaluate(network, X, y):
    """Loss and accuracy on samples, with `training` off and without recording."""
    before, network.training = network.training, False
    try:
        with no_grad():
            scores = network(X)
            loss = cross_entropy(scores, y)
    finally:
        network.training = before
    return float(loss), np.mean(scores.data.argmax(axis=1) == y)


def dropout(h, rate, rng, training=True):
    """Drop entries at random, and scale up what is kept.

    Parameters
    ----------
    h : Tensor of any shape
        Outputs of hidden units.
    rate : float
        Probability that an entry is dropped, from 0 to less than 1.
    rng : numpy.random.Generator
        One call of `rng.random(h.shape)`, also where the rate is 0: an entry is dropped where
        the draw is less than `rate`. If `training` is False nothing is drawn.
    training : bool
        Whether anything is dropped at all.

    Returns
    -------
    Tensor, of the shape of h
        In training 0 for a dropped entry, and the entry over 1 - rate for one that is kept;
        otherwise the entries of h. Gradients pass through it.
    """
    if not training:
        return h
    kept = rng.random(h.shape) >= rate
    return h * (kept / (1 - rate))


class WithDropout:
    """The layers of a network, with dropout behind each hidden one while it is trained.

    Parameters
    ----------
    network : MLP
        Its layers are shared: to train one trains the other.
    rate : float
        For `dropout`, as is `rng`.
    rng : numpy.random.Generator
        Draws for each hidden layer, from the first to the last, each time the network is
        called while `training` is True; never otherwise.

    Attributes
    ----------
    layers : list of Linear
    rate : float
    rng : numpy.random.Generator
    training : bool
        Whether it is being trained. It may be set anew.
    """

    def __init__(self, network, rate, rng):
        self.layers = network.layers
        self.rate = rate
        self.rng = rng
        self.training = True

    def __call__(self, x):
        """Return the scores: linear layers, and after each but the last relu and dropout.

        x, a Tensor or ndarray, and its shape are as for `Linear`; the result is a Tensor.
        """
        for layer in self.layers[:-1]:
            x = dropout(layer(x).relu(), self.rate, self.rng, self.training)
        return self.layers[-1](x)


def early_stopping(network, run_epoch, validation_loss, patience, max_epochs):
    """Train until the validation loss has not improved for a while; go back to the best epoch.

    Parameters
    ----------
    network : MLP, or another network
        In the end its `parameters` have the values that they had after the epoch of the
        least loss, the first one where several are equal.
    run_epoch : callable
        `run_epoch()` trains for one epoch: it changes the data of the parameters, in place or
        by assignment.
    validation_loss : callable
        `validation_loss()` returns a finite number. It is called once after each epoch.
    patience : int
        So many epochs in a row without a loss below the least one so far, and training ends;
        at least 1.
    max_epochs : int
        Training ends after so many at the latest; at least 1.

    Returns
    -------
    list of float
        The loss after each epoch that was run.
    """
    losses, least, waited = [], np.inf, 0
    while len(losses) < max_epochs and waited < patience:
        run_epoch()
        losses.append(validation_loss())
        waited += 1
        if losses[-1] < least:
            least, waited = losses[-1], 0
            best = [p.data.copy() for p in parameters(network)]
    for p, data in zip(parameters(network), best):
        p.data = data
    return losses
