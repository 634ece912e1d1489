"""A lesson that keeps the form, for tests that change it."""

from pathlib import Path

import nbformat

from coursework.course.layout import Course

__all__ = ["LATER", "LESSON", "MISTAKES", "NAME", "answered", "write_course"]

ROOT = Path(__file__).parent.parent
NAME = "one"
LATER = '[[later]]\nmeasure = "form"\nreason = "It is made for tests."\n'
MISTAKES = ""
ORDER = """
[[00-a]]
lesson = "zero-steps"
planned = "Zero steps"

[[00-a]]
lesson = "first-steps"

[[00-a]]
lesson = "one"
builds_on = ["00-a/first-steps"]

[[01-b]]
lesson = "far-away"
planned = "Far away"

[[01-b]]
lesson = "next-one"
"""
LESSON = """# Twice and half

How steep is a hill that is twice as high?

**It builds on** [first steps](first-steps.md).

**It takes** two parts of about 45 minutes.

```python
import numpy as np

from coursework import check
from coursework.check import reference
```

## 1. Double · 1 point · 5 minutes · ▮▯▯▯▯

See [the plain part](#Plain), [what comes next](../01-b/next-one.md) and [later](../01-b/far-away.md).

```python exercise="double"
def double(x):
    \"\"\"Return twice x.\"\"\"
    ### BEGIN SOLUTION
    return np.add(x, x, dtype=float)
    ### END SOLUTION
```

<!-- #region hint="double" -->
1. How do you get $2x$ from $x$?
2. Add it to itself:

   $$2x = x + x$$

   and look at the *shapes*.
3. The first line:

   ```python
   return np.add(x, x, dtype=float)
   ```
<!-- #endregion -->

```python test="double" points=1
check.equal(double(2), 4)
### BEGIN HIDDEN TESTS
x = check.rng().normal()
check.close(double(x), reference.double(x))
### END HIDDEN TESTS
```

## Plain

Nothing.

## Why · 40 minutes

<!-- #region why="two halves & a whole" -->
Because $\\frac12 + \\frac12 = 1$, or

$$a = b$$
<!-- #endregion -->

<!-- #region predict="which" -->
Which *line* falls fastest?
<!-- BEGIN ANSWER -->
The third, because $x < 3$.
<!-- END ANSWER -->
<!-- #endregion -->

<!-- #region rest -->
You can double.
<!-- #endregion -->

## 2. Halve · 1 point · 45 minutes · ▮▯▯▯▯

```python exercise="halve"
def halve(x):
    \"\"\"Return half of x.\"\"\"
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION
```

<!-- #region hint="halve" -->
1. What is half?
2. Divide.
3. Write `return`.
<!-- #endregion -->

```python test="halve" points=1
check.equal(halve(2), 1)
### BEGIN HIDDEN TESTS
x = check.rng().normal()
check.close(halve(x), reference.halve(x))
### END HIDDEN TESTS
```
"""
_ANSWERS = {
    "double": "def double(x):\n    return 2 * x",
    "halve": "def halve(x):\n    return x / 2",
}


def write_course(root: Path, text: str = LESSON, mistakes: str = MISTAKES) -> Course:
    """Write a course of this lesson and two empty ones, and return it."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("course_config.py", "nbgrader_config.py"):
        (root / name).write_text((ROOT / name).read_text())
    for folder in ("00-a", "01-b"):
        (root / "lessons" / folder).mkdir(parents=True)
    (root / "lessons" / "order.toml").write_text(ORDER)
    (root / "lessons" / "00-a" / "first-steps.md").write_text("# First steps\n")
    (root / "lessons" / "01-b" / "next-one.md").write_text("# The next one\n")
    (root / "lessons" / "00-a" / f"{NAME}.md").write_text(text)
    if mistakes:
        (root / "lessons" / "00-a" / f"{NAME}.mistakes.toml").write_text(mistakes)
    return Course(root)


def answered(release: Path) -> nbformat.NotebookNode:
    """Return a released notebook with right answers."""
    notebook = nbformat.read(release, as_version=4)
    for cell in notebook.cells:
        cell.source = _ANSWERS.get(cell.id, cell.source)
    return notebook
