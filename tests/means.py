"""A course of a small lesson with good tests, and variants of it that are not as good."""

import shutil
from pathlib import Path
from typing import Any

from coursework.audit.result import LessonAudit
from coursework.audit.run import audit
from coursework.course.layout import Course

__all__ = ["MISTAKES", "Change", "audited", "make"]

_ROOT = Path(__file__).parent.parent

_LESSON = '''# Means

```python
import numpy as np

from coursework import check
from coursework.check import reference
```

```python exercise="mean"
def mean(x):
    """Return the mean of an array; 0 where it is empty."""
    ### BEGIN SOLUTION
    return np.sum(x) / len(x) if len(x) else 0.0
    ### END SOLUTION
```

```python test="mean" points=2
check.close(mean(np.array([1.0, 3.0])), 2.0)
### BEGIN HIDDEN TESTS
x = check.rng().normal(size=5)
check.close(mean(x), reference.mean(x))
check.close(mean(x[:0]), 0.0)
### END HIDDEN TESTS
```

```python exercise="spread"
def spread(x):
    """Return the mean of the squared distances from the mean."""
    ### BEGIN SOLUTION
    return mean((x - mean(x)) ** 2)
    ### END SOLUTION
```

```python test="spread" points=1
### BEGIN HIDDEN TESTS
x = check.rng().normal(2.0, size=6)
check.close(check.unchanged(spread, x), reference.spread(x))
### END HIDDEN TESTS
```
'''

MISTAKES = '''[[mean]]
old = " / len(x)"
new = ""
hint = "A sum is no mean."

[[mean]]
old = "np.sum(x) / len(x)"
new = "np.median(x)"
hint = "A median is no mean."

[[mean]]
old = " if len(x) else 0.0"
new = ""
hint = "It divides by zero."

[[mean]]
right = true
code = "def mean(x):\\n    return np.mean(x) if x.size else 0"

[[spread]]
old = "(x - mean(x)) ** 2"
new = "abs(x - mean(x))"
hint = "A distance is squared."

[[whole]]
style = "loops"
[whole.cells]
mean = """
def mean(x):
    total = 0
    for value in x:
        total += value
    return total / max(len(x), 1)
"""

[[whole]]
style = "the library"
[whole.cells]
spread = "spread = np.var"

[[later]]
measure = "behaved"
reason = "These tests are as small as can be."
'''

Change = tuple[str, str]


def make(root: Path, variants: dict[str, tuple[Change, ...]]) -> Course:
    """Make a course with a lesson for each variant: the good one, with texts replaced."""
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(_ROOT / name, root)
    folder = root / "lessons" / "00-a"
    folder.mkdir(parents=True)
    for name, changes in variants.items():
        lesson, mistakes = _LESSON, MISTAKES
        for old, new in changes:
            assert lesson.count(old) + mistakes.count(old) == 1, old
            lesson, mistakes = lesson.replace(old, new), mistakes.replace(old, new)
        (folder / f"{name}.md").write_text(lesson)
        (folder / f"{name}.mistakes.toml").write_text(mistakes)
    return Course(root)


def audited(course: Course, **options: Any) -> dict[str, LessonAudit]:
    """Audit a course in this process, with what the options ask for; return lessons by name."""
    found = audit(course, **options)
    assert found.errors == ()
    return {lesson.subject.lesson.name: lesson for lesson in found.lessons}
