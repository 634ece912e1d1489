"""What the lesson 08-automatic-differentiation/tensors builds, for later lessons to import.

Made by `coursework build` of the cells marked module="engine" in
lessons/08-automatic-differentiation/tensors.md: change them, not this file.
"""

__all__ = [
    "Tensor",
    "add",
    "evaluate",
    "exp",
    "getitem",
    "log",
    "log_softmax",
    "matmul",
    "max_over",
    "mean_over",
    "multiply",
    "no_grad",
    "power",
    "relu",
    "reshape",
    "sum_over",
    "tanh",
    "topological_order",
    "transpose",
    "unbroadcast",
]

from contextlib import contextmanager

import numpy as np


def unbroadcast(grad, shape):
    """Sum an adjoint over the copies that broadcasting made.

    Parameters
    ----------
    grad : ndarray
        Adjoint of an array of the given shape after NumPy has broadcast it to `grad.shape`.
        Left unchanged.
    shape : tuple of int
        Shape before broadcasting; () is a scalar. Where it is that of `grad`, nothing was copied.

    Returns
    -------
    ndarray of this shape
        Each entry is the sum of `grad` over the copies of that entry.
    """
    n_added = np.ndim(grad) - len(shape)
    stretched = [n_added + axis for axis, length in enumerate(shape) if length == 1]
    return np.sum(grad, axis=(*range(n_added), *stretched)).reshape(shape)


def topological_order(tensor):
    """List a tensor and all that it was computed from, each after its parents.

    It goes depth first with a list of its own in place of recursion: Python stops at a
    thousand nested calls, and graphs are deeper.
    """
    order, seen, path = [], {tensor}, [(tensor, iter(tensor.edges))]
    while path:
        node, edges = path[-1]
        for parent, _ in edges:
            if parent not in seen:
                seen.add(parent)
                path.append((parent, iter(parent.edges)))
                break
        else:
            order.append(node)
            path.pop()
    return order


class Tensor:
    """An array that knows how it was computed.

    Parameters
    ----------
    data : array_like
        Copied, and kept as floats.
    requires_grad : bool
        Whether `backward` shall find its gradient.

    Attributes
    ----------
    data : ndarray of float64
    grad : ndarray of float64 or None
        In a leaf, the sum of the gradients that calls of `backward` have found, in the shape
        of `data`. Set it to None to begin anew.
    edges : list of (Tensor, callable)
        A parent, and the function from this tensor's adjoint to what it passes on to it.
    """

    recording = True  # see no_grad
    __array_ufunc__ = None  # `array + tensor` is for the tensor to compute, not for NumPy

    def __init__(self, data, requires_grad=True):
        self.data = np.array(data, dtype=float)
        self.grad = None
        self.requires_grad = requires_grad
        self.edges = []

    @staticmethod
    def result(data, *edges):
        """Return what an operation has computed, with the edges that gradients will take."""
        kept = [(parent, vjp) for parent, vjp in edges if parent.requires_grad]
        made = Tensor(data, requires_grad=bool(kept) and Tensor.recording)
        made.edges = kept if made.requires_grad else []
        return made

    @staticmethod
    def wrap(value):
        """Return a tensor as it is, and anything else as a tensor without gradient."""
        return value if isinstance(value, Tensor) else Tensor(value, requires_grad=False)

    def backward(self, seed=None):
        """Find the gradients of a number L by the leaves that this tensor was computed from.

        What is found is added to `grad` of each leaf. Tensors that have edges keep no
        gradient: their `grad` stays None. Each VJP is called once, with the whole adjoint.

        Parameters
        ----------
        seed : array_like of this tensor's shape, optional
            The gradient of L by this tensor; left unchanged. By default 1, for a tensor with
            one entry: then L is this entry.

        Raises
        ------
        ValueError
            The seed has another shape, or there is none and the tensor has not exactly one
            entry, or the tensor has `requires_grad` False.
        """
        seed = np.ones(self.shape) if seed is None and self.size == 1 else np.array(seed, float)
        if seed.shape != self.shape or not self.requires_grad:
            raise ValueError(f"no gradient for a seed of shape {seed.shape}: {self!r}")
        adjoints = {self: seed}
        for node in reversed(topological_order(self)):
            adjoint = adjoints.pop(node)
            if not node.edges:
                node.grad = np.asarray(adjoint if node.grad is None else node.grad + adjoint)
            for parent, vjp in node.edges:
                adjoints[parent] = adjoints.get(parent, 0.0) + vjp(adjoint)

    # An operator a line; each calls a function that stands below.
    def __neg__(self): return Tensor.result(-self.data, (self, lambda grad: -grad))
    def __add__(self, other): return add(self, Tensor.wrap(other))
    __radd__ = __add__
    def __sub__(self, other): return add(self, -Tensor.wrap(other))
    def __rsub__(self, other): return add(Tensor.wrap(other), -self)
    def __mul__(self, other): return multiply(self, Tensor.wrap(other))
    __rmul__ = __mul__
    def __truediv__(self, other): return multiply(self, power(Tensor.wrap(other), -1))
    def __rtruediv__(self, other): return multiply(Tensor.wrap(other), power(self, -1))
    def __pow__(self, exponent): return power(self, exponent)
    def __matmul__(self, other): return matmul(self, Tensor.wrap(other))
    def __rmatmul__(self, other): return matmul(Tensor.wrap(other), self)
    def __getitem__(self, index): return getitem(self, index)
    def exp(self): return exp(self)
    def log(self): return log(self)
    def tanh(self): return tanh(self)
    def relu(self): return relu(self)
    def sum(self, axis=None, keepdims=False): return sum_over(self, axis, keepdims)
    def mean(self, axis=None, keepdims=False): return mean_over(self, axis, keepdims)
    def max(self, axis=None, keepdims=False): return max_over(self, axis, keepdims)
    def reshape(self, *shape): return reshape(self, shape[0] if isinstance(shape[0], tuple) else shape)
    def transpose(self, *axes): return transpose(self, axes or None)
    def log_softmax(self, axis=-1): return log_softmax(self, axis)
    T = property(transpose)
    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    def __float__(self): return float(self.data.item())
    def __repr__(self): return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"


def add(a, b):
    """Add tensors with broadcasting; each parent gets its adjoint in its own shape."""
    return Tensor.result(
        a.data + b.data,
        (a, lambda grad: unbroadcast(grad, a.shape)),
        (b, lambda grad: unbroadcast(grad, b.shape)),
    )


def multiply(a, b):
    """Multiply tensors, entry by entry, with broadcasting.

    Each parent gets its adjoint in its own shape; the VJPs leave their argument unchanged.
    """
    return Tensor.result(
        a.data * b.data,
        (a, lambda grad: unbroadcast(grad * b.data, a.shape)),
        (b, lambda grad: unbroadcast(grad * a.data, b.shape)),
    )


def power(a, exponent):
    """Raise each entry of a tensor to the same power, a number.

    Where the exponent is no whole number, entries are not negative. For exponent 0 the
    derivative is 0 everywhere, at 0 too.
    """
    slope = exponent * a.data ** (exponent - 1) if exponent else 0.0 * a.data
    return Tensor.result(a.data**exponent, (a, lambda grad: grad * slope))


def exp(a):
    """Return e to the power of each entry of a tensor."""
    value = np.exp(a.data)
    return Tensor.result(value, (a, lambda grad: grad * value))


def log(a):
    """Return the natural logarithm of each entry of a tensor; the entries are positive."""
    return Tensor.result(np.log(a.data), (a, lambda grad: grad / a.data))


def tanh(a):
    """Return the hyperbolic tangent of each entry of a tensor."""
    value = np.tanh(a.data)
    return Tensor.result(value, (a, lambda grad: grad * (1.0 - value**2)))


def relu(a):
    """Return each entry of a tensor where it is positive, else 0; the derivative at 0 is 0."""
    return Tensor.result(np.maximum(a.data, 0.0), (a, lambda grad: grad * (a.data > 0)))


def matmul(a, b):
    """Multiply matrices, vectors and stacks of them, by the rules of `numpy.matmul`.

    Parameters
    ----------
    a : Tensor, shape (..., m, n) or (n,)
    b : Tensor, shape (..., n, p) or (n,)
        The axes before the last two are broadcast.

    Returns
    -------
    Tensor, shape (..., m, p)
        Without m where `a` is a vector, and without p where `b` is one. Each parent gets its
        adjoint in its own shape.
    """
    rows = a.data[np.newaxis, :] if a.ndim == 1 else a.data
    columns = b.data[:, np.newaxis] if b.ndim == 1 else b.data

    def as_matrices(grad):
        grad = np.expand_dims(grad, -1) if b.ndim == 1 else grad
        return np.expand_dims(grad, -2) if a.ndim == 1 else grad

    def to_a(grad):
        passed = as_matrices(grad) @ np.swapaxes(columns, -1, -2)
        return unbroadcast(passed, rows.shape).reshape(a.shape)

    def to_b(grad):
        passed = np.swapaxes(rows, -1, -2) @ as_matrices(grad)
        return unbroadcast(passed, columns.shape).reshape(b.shape)

    return Tensor.result(a.data @ b.data, (a, to_a), (b, to_b))


def sum_over(a, axis=None, keepdims=False):
    """Sum a tensor over some of its axes.

    Parameters
    ----------
    axis : int, tuple of int or None
        As in `numpy.sum`: negative axes count from the end, None means all axes.
    keepdims : bool
        Whether the axes that are summed over stay, with length 1.
    """
    def vjp(grad):
        if axis is not None and not keepdims:
            grad = np.expand_dims(grad, axis)
        return np.broadcast_to(grad, a.shape)

    return Tensor.result(np.sum(a.data, axis=axis, keepdims=keepdims), (a, vjp))


def mean_over(a, axis=None, keepdims=False):
    """Average a tensor over some of its axes; parameters as in `sum_over`."""
    total = sum_over(a, axis, keepdims)
    return total * (total.size / a.size)


def reshape(a, shape):
    """Lay out the entries of a tensor in another shape, in their order.

    The shape is a tuple as in `numpy.reshape`: one length may be -1, and is then what is left.
    """
    return Tensor.result(a.data.reshape(shape), (a, lambda grad: grad.reshape(a.shape)))


def transpose(a, axes=None):
    """Permute the axes of a tensor: axis `axes[k]` becomes axis k.

    `axes` is a tuple; negative ones count from the end. None reverses all.
    """
    axes = tuple(reversed(range(a.ndim))) if axes is None else axes
    back = np.argsort([axis % a.ndim for axis in axes])
    return Tensor.result(a.data.transpose(axes), (a, lambda grad: grad.transpose(back)))


def getitem(a, index):
    """Pick entries of a tensor: a[index], for any index that NumPy takes.

    To an entry it passes on the sum over all its picks.
    """
    def vjp(grad):
        passed = np.zeros(a.shape)
        np.add.at(passed, index, grad)
        return passed

    return Tensor.result(a.data[index], (a, vjp))


def max_over(a, axis=None, keepdims=False):
    """Take the maximum over axes; parameters as in `sum_over`.

    Where k entries share a maximum, it passes on 1/k of its adjoint to each of them.
    """
    largest = np.max(a.data, axis=axis, keepdims=True)
    is_largest = a.data == largest
    share = is_largest / np.sum(is_largest, axis=axis, keepdims=True)
    value = np.max(a.data, axis=axis, keepdims=keepdims)
    return Tensor.result(value, (a, lambda grad: grad.reshape(largest.shape) * share))


def log_softmax(a, axis=-1):
    """Logarithms of the softmax probabilities: a - log(sum(exp(a))), summed along the axis.

    Values and gradients are right for finite scores of any size, also where they are 1000
    or -1000, or differ by that much.
    """
    shifted = a.data - np.max(a.data, axis=axis, keepdims=True)
    value = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))

    def vjp(grad):
        return grad - np.exp(value) * np.sum(grad, axis=axis, keepdims=True)

    return Tensor.result(value, (a, vjp))


@contextmanager
def no_grad():
    """Record nothing inside a `with` block: what is computed there has no edges.

    `Tensor.recording` is False in the block. At its end, also when an error ends it, it is
    what it was before.
    """
    before, Tensor.recording = Tensor.recording, False
    try:
        yield
    finally:
        Tensor.recording = before


def evaluate(function, *arguments):
    """Return function(*arguments), computed without recording."""
    with no_grad():
        return function(*arguments)
