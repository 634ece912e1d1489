"""The tensors of 08-automatic-differentiation, and the engine that is made of them."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from array_expressions import KINKED, SMOOTH, Expression
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import SETUP, make_lesson, make_notebook

from coursework.authoring.modules import module_source
from coursework.built import engine
from coursework.course.lesson import read_lesson
from coursework.judge.judge import Judge

ASSIGNMENT = "08-automatic-differentiation"
LESSONS = Path(__file__).parents[2] / "lessons"
STEPS = (1e-3, -1e-3, 2e-3, -2e-3)


@pytest.fixture(scope="module")
def tensors(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """The solutions of `tensors`."""
    return solve(ASSIGNMENT, "tensors")


class TestTensors:
    """`tensors` against PyTorch and differences, on expressions that Hypothesis makes up."""

    @settings(deadline=None, max_examples=300, derandomize=True)
    @given(data=st.data())
    def test_gradients_are_those_of_pytorch(
        self, tensors: SimpleNamespace, torch: ModuleType, data: st.DataObject
    ) -> None:
        """Value and all gradients of a random expression agree to 1e-10."""
        expression = Expression(tensors.Tensor, data)
        for _ in range(data.draw(st.integers(1, 8))):
            expression.grow(SMOOTH | KINKED)
        expression.end()

        ours, our_leaves = expression.run(tensors.Tensor, "ours")
        theirs, their_leaves = expression.run(torch.tensor, "theirs")
        ours.backward()
        theirs.backward()

        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)
        for our, their in zip(our_leaves, their_leaves, strict=True):
            expected = their.grad.numpy()
            # Of a sum the rounding error is that of its largest term.
            atol = 1e-10 * max(1.0, np.max(np.abs(expected)))
            assert our.grad.shape == expected.shape
            np.testing.assert_allclose(our.grad, expected, rtol=1e-10, atol=atol)

    @settings(deadline=None, max_examples=50, derandomize=True)
    @given(data=st.data())
    def test_gradients_are_those_of_differences(
        self, tensors: SimpleNamespace, data: st.DataObject
    ) -> None:
        """Along a random direction a smooth expression changes as its gradients say."""
        expression = Expression(tensors.Tensor, data)
        for _ in range(data.draw(st.integers(1, 4))):
            expression.grow(SMOOTH)
        expression.end()

        loss, leaves = expression.run(tensors.Tensor, "ours")
        loss.backward()

        numbers = [number for number, step in enumerate(expression.steps) if step.is_leaf]
        slopes = [
            np.sum(leaf.grad * expression.direction(number))
            for number, leaf in zip(numbers, leaves, strict=True)
        ]
        loss_at = {h: float(expression.run(tensors.Tensor, "ours", h)[0]) for h in STEPS}
        # Differences of fourth order: their error is far below the tolerance.
        h = STEPS[0]
        near, far = loss_at[h] - loss_at[-h], loss_at[2 * h] - loss_at[-2 * h]
        assert sum(slopes) == pytest.approx((8 * near - far) / (12 * h), rel=1e-5, abs=1e-4)

    PRODUCTS = (
        *(((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((3, 4), (4, 2)), ((5, 3, 4), (4, 2))),
        *(((3, 4), (5, 4, 2)), ((5, 3, 4), (4,)), ((4,), (5, 4, 2)), ((6, 1, 3, 4), (5, 4, 2))),
    )

    @pytest.mark.parametrize(("first", "second"), PRODUCTS)
    def test_products_of_all_ranks_are_those_of_pytorch(
        self,
        tensors: SimpleNamespace,
        torch: ModuleType,
        first: tuple[int, ...],
        second: tuple[int, ...],
    ) -> None:
        """Vectors, matrices and stacks of them, on either side."""
        rng = np.random.default_rng(1)
        arrays = [rng.normal(size=first), rng.normal(size=second)]
        seed = np.array(rng.normal(size=np.shape(arrays[0] @ arrays[1])))
        ours = [tensors.Tensor(array) for array in arrays]
        theirs = [torch.tensor(array, requires_grad=True) for array in arrays]

        (ours[0] @ ours[1]).backward(seed)
        (theirs[0] @ theirs[1]).backward(torch.tensor(seed))

        for our, their in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(our.grad, their.grad.numpy(), rtol=1e-10, atol=1e-10)

    @pytest.mark.parametrize("axis", [0, 1, (0, 2), None])
    def test_ties_are_shared_as_pytorch_does(
        self, tensors: SimpleNamespace, torch: ModuleType, axis: Any
    ) -> None:
        """Where several entries are largest, `max` gives what `amax` gives."""
        array = np.random.default_rng(2).integers(0, 3, size=(4, 3, 5)).astype(float)
        ours, theirs = tensors.Tensor(array), torch.tensor(array, requires_grad=True)

        (ours.max(axis=axis) ** 2).sum().backward()
        (theirs.amax(dim=() if axis is None else axis) ** 2).sum().backward()

        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-10)

    @pytest.mark.parametrize("scale", [1.0, 1e3, 1e8])
    def test_log_softmax_of_large_scores_is_that_of_pytorch(
        self, tensors: SimpleNamespace, torch: ModuleType, scale: float
    ) -> None:
        """Scores of any size give the values and gradients of PyTorch."""
        rng = np.random.default_rng(3)
        array, seed = scale * rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
        ours, theirs = tensors.Tensor(array), torch.tensor(array, requires_grad=True)
        values = ours.log_softmax(), theirs.log_softmax(-1)

        values[0].backward(seed)
        values[1].backward(torch.tensor(seed))

        np.testing.assert_allclose(values[0].data, values[1].detach().numpy(), rtol=1e-10)
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-10, atol=1e-10)

    def test_deep_graphs_need_no_recursion(self, tensors: SimpleNamespace) -> None:
        """Twenty thousand operations in a row are differentiated, and forgotten, at once."""
        x = tensors.Tensor([1.0, -2.0])
        y = x
        for _ in range(10_000):
            y = y * 1.0 + x
        y.backward(np.ones(2))
        del y

        np.testing.assert_array_equal(x.grad, [10_001.0, 10_001.0])

    def test_leaves_do_not_share_their_gradients(self, tensors: SimpleNamespace) -> None:
        """What is added to one gradient in place reaches no other, nor the seed."""
        a, b, seed = tensors.Tensor([1.0]), tensors.Tensor([2.0]), np.array([3.0])
        (a + b).backward(seed)
        a.grad += 1.0

        np.testing.assert_array_equal([a.grad, b.grad, seed], [[4.0], [3.0], [3.0]])

    def test_nothing_is_recorded_without_gradient(self, tensors: SimpleNamespace) -> None:
        """Under `no_grad`, and of constants, no tensor keeps its parents."""
        x, constant = tensors.Tensor([1.0]), tensors.Tensor([1.0], requires_grad=False)
        with tensors.no_grad():
            y = (x * 2 + 1).exp().sum()

        assert (y.edges, y.requires_grad) == ([], False)
        assert (constant * 2).edges == []
        assert [parent for parent, _ in (x * constant).edges] == [x]

    def test_results_leave_no_cycles(self, tensors: SimpleNamespace) -> None:
        """What is dropped is freed at once, not when Python looks for cycles."""
        x = tensors.Tensor([0.5, 0.25])
        y = ((x.exp() + x.tanh()) @ x).log().reshape(1, 1).log_softmax().max()
        freed = weakref.ref(y)
        gc.disable()
        try:
            del y
            assert freed() is None
        finally:
            gc.enable()


class TestEngine:
    """`coursework.built.engine`, which later lessons import."""

    def test_engine_is_the_solution_of_the_lesson(self) -> None:
        """The module is made of the lesson's cells, and of nothing else."""
        lesson = read_lesson(LESSONS / ASSIGNMENT / "tensors.md")

        made = Path(engine.__file__)
        assert made.read_text(encoding="utf-8") == module_source(lesson, made.stem)

    def test_engine_trains_a_small_network(self) -> None:
        """Two layers learn exclusive or: its four points, and so no line, are told apart."""
        rng = np.random.default_rng(0)
        X, classes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
        shapes = [(2, 8), (8,), (8, 2), (2,)]
        params = W, b, V, c = [engine.Tensor(rng.normal(size=shape)) for shape in shapes]
        losses = []
        for _ in range(200):
            logs = ((X @ W + b).tanh() @ V + c).log_softmax()
            loss = -logs[range(4), classes].mean()
            for p in params:
                p.grad = None
            loss.backward()
            for p in params:
                p.data -= 0.5 * p.grad
            losses.append(float(loss))

        with engine.no_grad():
            scores = (X @ W + b).tanh() @ V + c
        assert scores.data.argmax(axis=1).tolist() == classes
        assert not scores.requires_grad
        assert losses[-1] < 0.05 < losses[0]

    def test_engine_is_there_at_grading(self) -> None:
        """A student's notebook imports it in the sandbox, and differentiates with it."""
        given = SETUP + "from coursework.built.engine import Tensor\n"
        solution = """
def slope(x):
    x = Tensor(x)
    (x**2).sum().backward()
    return x.grad
"""
        test = "check.close(slope(np.array([1.0, 2.0])), [2.0, 4.0])"
        notebook = make_notebook({"slope": solution}, {"slope": test}, given)

        with Judge() as judge:
            report = judge.grade(make_lesson(notebook), notebook, "s")

        assert report.points == 1
