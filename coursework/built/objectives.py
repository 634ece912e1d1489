"""What the lesson 09-optimizers/test-functions builds, for later lessons to import.

Made by `coursework build` of the cells marked module="objectives" in
lessons/09-optimizers/test-functions.md: change them, not this file.
"""

__all__ = [
    "OBJECTIVES",
    "Objective",
    "TANG",
    "ackley",
    "beale",
    "booth",
    "easom",
    "eggholder",
    "goldstein_price",
    "himmelblau",
    "levy",
    "matyas",
    "mccormick",
    "rastrigin",
    "rosenbrock",
    "six_hump_camel",
    "sphere",
    "square",
    "styblinski_tang",
    "three_hump_camel",
]

from typing import NamedTuple

import numpy as np


def sphere(x):
    """Sum of squares, x₁² + … + x_d².

    Parameters
    ----------
    x : ndarray, shape (d,)
        Any point, of floats or whole numbers. It is left unchanged.

    Returns
    -------
    value : float
        One number: of Python or NumPy, but no array with an axis.
    gradient : ndarray of float, shape (d,)
        An array, no list; of floats also where x holds whole numbers.
    """
    return np.sum(x**2.0), 2.0 * x


class Objective(NamedTuple):
    """What is known of a test function of two coordinates.

    Attributes
    ----------
    domain : tuple
        (low, high) of x₁ and (low, high) of x₂.
    value : float
        Least value in the domain.
    minima : tuple
        All points of the domain where it is reached.
    others : tuple
        All other local minima inside the domain, not on its edge, where they are few; empty
        where there are none or many.
    """

    domain: tuple
    value: float
    minima: tuple
    others: tuple = ()


def square(size):
    """Domain from -size to size in both coordinates."""
    return ((-size, size), (-size, size))


TANG = (-2.903534027771177, 2.746802770990837)  # minima of one term of Styblinski and Tang

OBJECTIVES = {
    "sphere": Objective(square(5.12), 0.0, ((0.0, 0.0),)),
    "booth": Objective(square(10.0), 0.0, ((1.0, 3.0),)),
    "matyas": Objective(square(10.0), 0.0, ((0.0, 0.0),)),
    "rosenbrock": Objective(((-5.0, 10.0), (-5.0, 10.0)), 0.0, ((1.0, 1.0),)),
    "beale": Objective(square(4.5), 0.0, ((3.0, 0.5),)),
    "himmelblau": Objective(
        square(5.0),
        0.0,
        (
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
            (3.5844283403304917, -1.8481265269644036),
        ),
    ),
    "styblinski_tang": Objective(
        square(5.0),
        -78.33233140754282,
        ((TANG[0], TANG[0]),),
        ((TANG[0], TANG[1]), (TANG[1], TANG[0]), (TANG[1], TANG[1])),
    ),
    "goldstein_price": Objective(
        square(2.0), 3.0, ((0.0, -1.0),), ((-0.6, -0.4), (1.8, 0.2), (1.2, 0.8))
    ),
    "three_hump_camel": Objective(
        square(5.0),
        0.0,
        ((0.0, 0.0),),
        ((-1.7475523458302888, 0.8737761729151444), (1.7475523458302888, -0.8737761729151444)),
    ),
    "six_hump_camel": Objective(
        ((-3.0, 3.0), (-2.0, 2.0)),
        -1.0316284534898774,
        ((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
        (
            (1.703606714969981, -0.7960835686726251),
            (-1.703606714969981, 0.7960835686726251),
            (1.6071047529201972, 0.5686514548841314),
            (-1.6071047529201972, -0.5686514548841314),
        ),
    ),
    "mccormick": Objective(
        ((-1.5, 4.0), (-3.0, 4.0)),
        -np.pi / 3 - np.sqrt(3) / 2,
        ((0.5 - np.pi / 3, -0.5 - np.pi / 3),),
        ((0.5 + 2 * np.pi / 3, -0.5 + 2 * np.pi / 3),),
    ),
    "rastrigin": Objective(square(5.12), 0.0, ((0.0, 0.0),)),
    "levy": Objective(square(10.0), 0.0, ((1.0, 1.0),)),
    "ackley": Objective(square(32.768), 0.0, ((0.0, 0.0),)),
    "easom": Objective(square(100.0), -1.0, ((np.pi, np.pi),)),
    "eggholder": Objective(square(512.0), -959.6406627208508, ((512.0, 404.2318051137578),)),
}


def booth(x):
    """Booth's function, (x₁ + 2 x₂ - 7)² + (2 x₁ + x₂ - 5)².

    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    r = x[0] + 2 * x[1] - 7.0
    s = 2 * x[0] + x[1] - 5.0
    return r**2 + s**2, np.array([2 * r + 4 * s, 4 * r + 2 * s])


def matyas(x):
    """Matyas' function, 0.26 (x₁² + x₂²) - 0.48 x₁ x₂.

    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    value = 0.26 * (x[0] ** 2 + x[1] ** 2) - 0.48 * x[0] * x[1]
    return value, 0.52 * x - 0.48 * x[::-1]


def rosenbrock(x):
    """Rosenbrock's function, Σ [100 (x_{j+1} - x_j²)² + (1 - x_j)²].

    The sum is over j = 1, …, d - 1.
    It takes x of shape (d,), with d at least 2, and returns value and gradient as `sphere` does.
    """
    rise, short = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros(len(x))
    gradient[:-1] = -400 * x[:-1] * rise - 2 * short
    gradient[1:] += 200 * rise
    return np.sum(100.0 * rise**2 + short**2), gradient


def beale(x):
    """Beale's function, Σ (c_k - x₁ (1 - x₂^k))² with c = (1.5, 2.25, 2.625).

    The sum is over k = 1, 2, 3.
    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    k, c = np.array([1, 2, 3]), np.array([1.5, 2.25, 2.625])
    gap = 1 - x[1] ** k
    r = c - x[0] * gap
    return r @ r, np.array([-2 * r @ gap, 2 * x[0] * r @ (k * x[1] ** (k - 1))])


def himmelblau(x):
    """Himmelblau's function, (x₁² + x₂ - 11)² + (x₁ + x₂² - 7)².

    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    r = x[0] ** 2 + x[1] - 11.0
    s = x[0] + x[1] ** 2 - 7.0
    return r**2 + s**2, np.array([4 * x[0] * r + 2 * s, 2 * r + 4 * x[1] * s])


def styblinski_tang(x):
    """Styblinski and Tang's function, ½ Σ (x_j⁴ - 16 x_j² + 5 x_j).

    The sum is over j = 1, …, d.
    It takes x of shape (d,), and returns value and gradient as `sphere` does.
    """
    return np.sum(x**4 - 16 * x**2 + 5 * x) / 2, 2 * x**3 - 16 * x + 2.5


def goldstein_price(x):
    """Goldstein and Price's function, A(x₁ + x₂) B(2 x₁ - 3 x₂).

    A(t) = 1 + (t + 1)² (19 - 14 t + 3 t²), and B(u) = 30 + u² (18 - 16 u + 3 u²).
    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    t, u = x[0] + x[1], 2 * x[0] - 3 * x[1]
    A = 1.0 + (t + 1) ** 2 * (19 - 14 * t + 3 * t**2)
    B = 30.0 + u**2 * (18 - 16 * u + 3 * u**2)
    along = 12 * (t + 1) * (t - 1) * (t - 2) * B
    across = 12 * u * (u - 1) * (u - 3) * A
    return A * B, np.array([along + 2 * across, along - 3 * across])


def three_hump_camel(x):
    """The camel with three humps, 2 x₁² - 1.05 x₁⁴ + x₁⁶/6 + x₁ x₂ + x₂².

    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    u, v = x
    value = 2 * u**2 - 1.05 * u**4 + u**6 / 6 + u * v + v**2
    return value, np.array([4 * u - 4.2 * u**3 + u**5 + v, u + 2 * v])


def six_hump_camel(x):
    """The camel with six humps.

    It is 4 x₁² - 2.1 x₁⁴ + x₁⁶/3 + x₁ x₂ - 4 x₂² + 4 x₂⁴.
    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    u, v = x
    value = 4 * u**2 - 2.1 * u**4 + u**6 / 3 + u * v - 4 * v**2 + 4 * v**4
    return value, np.array([8 * u - 8.4 * u**3 + 2 * u**5 + v, u - 8 * v + 16 * v**3])


def mccormick(x):
    """McCormick's function, sin(x₁ + x₂) + (x₁ - x₂)² - 1.5 x₁ + 2.5 x₂ + 1.

    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    total, gap = x[0] + x[1], x[0] - x[1]
    value = np.sin(total) + gap**2 - 1.5 * x[0] + 2.5 * x[1] + 1
    return value, np.cos(total) + 2 * gap * np.array([1, -1]) + [-1.5, 2.5]


def rastrigin(x):
    """Rastrigin's function, 10 d + Σ (x_j² - 10 cos 2πx_j).

    The sum is over j = 1, …, d.
    It takes x of shape (d,), and returns value and gradient as `sphere` does.
    """
    angle = 2 * np.pi * x
    return np.sum(10 + x**2 - 10 * np.cos(angle)), 2 * x + 20 * np.pi * np.sin(angle)


def levy(x):
    """Levy's function of u_j = (x_j - 1) / 4.

    It is sin²(πu₁) + Σ u_j² [1 + 10 sin²(πu_j + 1)] + u_d² [1 + sin²(2πu_d)]
    with the sum over j = 1, …, d - 1. With d = 1 there is no sum, and u₁ is u_d.
    It takes x of shape (d,), with d at least 1, and returns value and gradient as `sphere` does.
    """
    u = (x - 1) / 4
    ripple = 1 + 10 * np.sin(np.pi * u + 1) ** 2
    slope = 10 * np.pi * np.sin(2 * (np.pi * u + 1))
    ripple[-1] = 1 + np.sin(2 * np.pi * u[-1]) ** 2
    slope[-1] = 2 * np.pi * np.sin(4 * np.pi * u[-1])
    gradient = 2 * u * ripple + u**2 * slope
    gradient[0] += np.pi * np.sin(2 * np.pi * u[0])
    return np.sin(np.pi * u[0]) ** 2 + np.sum(u**2 * ripple), gradient / 4


def ackley(x):
    """Ackley's function, 20 + e - 20 exp(-0.2 r) - exp(m).

    r is the root of the mean of all x_j², and m is the mean of all cos 2πx_j.
    Only at x = 0 itself is there no gradient, and zeros are returned; beside it, at 1e-14 say,
    there is one.
    It takes x of shape (d,), and returns value and gradient as `sphere` does.
    """
    r = np.sqrt(np.mean(x**2))
    bowl, ripple = 20 * np.exp(-0.2 * r), np.exp(np.mean(np.cos(2 * np.pi * x)))
    gradient = 2 * np.pi * ripple * np.sin(2 * np.pi * x)
    if r > 0:
        gradient += 0.2 * bowl * x / r
    return 20 - bowl + np.e - ripple, gradient / len(x)


def easom(x):
    """Easom's function, -cos x₁ cos x₂ exp(-(x₁ - π)² - (x₂ - π)²).

    Where the exponential is too small for a float, value and gradient are zeros.
    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    u, v = np.cos(x)
    bell = np.exp(-np.sum((x - np.pi) ** 2))
    slope = np.sin(x) * [v, u] + 2 * (x - np.pi) * u * v
    return -u * v * bell, slope * bell


def eggholder(x):
    """The egg holder, -(x₂ + 47) sin √|a| - x₁ sin √|b|.

    Here a = x₂ + x₁/2 + 47 and b = x₁ - x₂ - 47.
    Where a is 0, the derivative of √|a| with respect to a is taken to be 0; so it is with b.
    Beside a cusp, at 1e-9 say, nothing is left out.
    It takes x of shape (2,), and returns value and gradient as `sphere` does.
    """
    a, b = x[1] + x[0] / 2 + 47, x[0] - x[1] - 47
    p, q = np.sqrt(abs(a)), np.sqrt(abs(b))
    first = -(x[1] + 47) * np.cos(p) * (np.sign(a) / (2 * p) if a else 0.0)
    second = -x[0] * np.cos(q) * (np.sign(b) / (2 * q) if b else 0.0)
    gradient = np.array([first / 2 + second - np.sin(q), first - second - np.sin(p)])
    return -(x[1] + 47) * np.sin(p) - x[0] * np.sin(q), gradient
