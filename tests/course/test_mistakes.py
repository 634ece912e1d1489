"""Known mistakes: reading, applying and checking them."""

from pathlib import Path

import pytest

from coursework.course.alternatives import Evidence, check_evidence, read_evidence
from coursework.course.lesson import Cell, Lesson
from coursework.course.mistakes import Mistake, apply, check_mistakes, mistakes_path, read_mistakes
from coursework.errors import LessonError
from coursework.mutants.stated import unknown_behaviours

DOUBLE = "def double(x):\n    return 2 * x"

MISTAKES = """# What students get wrong.
[[double]]
old = "2 *"
new = "3 *"
hint = "Twice, not thrice."

[[double]]
code = '''
def double(x):
    return x
y = (
[[double]]
)
'''
hint = "That is once."

[[half]]
old = "/"
new = "//"
hint = "Halves are no integers."

[["double"]]
right = true
code = '''
def double(x):
    return x + x
'''
"""


def unfit(lesson: Lesson, evidence: Evidence) -> list[LessonError]:
    """Return what of the evidence does not fit the lesson, behaviours too."""
    return [*check_evidence(lesson, evidence), *unknown_behaviours(lesson, evidence)]


def lesson_of(**exercises: str) -> Lesson:
    """Return a lesson with these exercises."""
    cells = tuple(Cell("exercise", name, source, name) for name, source in exercises.items())
    return Lesson("a", "n", Path("a/n.md"), cells)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write the file above."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(MISTAKES)
    return path


def mistake(**changes: str | bool) -> Mistake:
    """Return a mistake of `double`."""
    fields = {"exercise": "double", "code": "", "old": "2", "new": "3", "hint": "Twice."}
    return Mistake(**(fields | {"right": False, "path": Path("f"), "line": 7} | changes))


def test_read_mistakes(path: Path) -> None:
    """Entries come in the order of the file, each with the line of its header."""
    found = [(m.exercise, m.line, m.right) for m in read_mistakes(path)]
    assert found == [
        ("double", 2, False),
        ("double", 7, False),
        ("half", 17, False),
        ("double", 22, True),
    ]


def test_read_mistakes_no_file(tmp_path: Path) -> None:
    """A lesson without a file has no known mistakes."""
    assert read_mistakes(tmp_path / "none.toml") == ()


def test_mistakes_path() -> None:
    """The file is beside its lesson."""
    assert mistakes_path(Path("a/n.md")) == Path("a/n.mistakes.toml")


def test_apply_substitution(path: Path) -> None:
    """`old` is replaced by `new`, the rest stays."""
    assert apply(read_mistakes(path)[0], DOUBLE) == "def double(x):\n    return 3 * x"


def test_apply_code(path: Path) -> None:
    """`code` is the whole cell, without the newline that ends it."""
    assert apply(read_mistakes(path)[3], DOUBLE) == "def double(x):\n    return x + x"


@pytest.mark.parametrize("old", ["5", "x"])
def test_apply_not_once(old: str) -> None:
    """Text that does not occur exactly once in the cell cannot be replaced."""
    with pytest.raises(LessonError, match="times in 'double', not once") as caught:
        apply(mistake(old=old), DOUBLE)
    assert (caught.value.path, caught.value.line) == (Path("f"), 7)


def test_check_mistakes_fit(path: Path) -> None:
    """Mistakes that fit their lesson are not refused."""
    lesson = lesson_of(double=DOUBLE, half="def half(x):\n    return x / 2")
    assert check_mistakes(lesson, read_mistakes(path)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercise": "triple"}, "has no exercise 'triple'"),
        ({"old": "5"}, "occurs 0 times"),
        ({"new": "(2"}, "makes a syntax error"),
    ],
)
def test_check_mistakes_unfit(changes: dict[str, str], message: str) -> None:
    """A mistake of no exercise, or that does not apply, is refused with its line."""
    (error,) = check_mistakes(lesson_of(double=DOUBLE), (mistake(**changes),))
    assert error.line == 7
    assert message in error.message


def test_check_mistakes_same_hint() -> None:
    """Two mistakes of an exercise have hints of their own."""
    pair = (mistake(line=1), mistake(new="4", line=9))
    (error,) = check_mistakes(lesson_of(double=DOUBLE), pair)
    assert (error.line, "line 1" in error.message) == (9, True)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[[f]\n", 0, "cannot be read"),
        ("[f]\nold = '1'\n", 0, "write [[f]]"),
        ("\n[[f]]\nold = '1'\nnew = '2'\n", 2, "add hint"),
        ("[[f]]\nold = '1'\nnew = '2'\nhint = 'h'\nright = true\n", 1, "has no hint"),
        ("[[f]]\nhint = 'h'\n", 1, "either code, or old and new"),
        ("[[f]]\nold = '1'\nhint = 'h'\n", 1, "either code, or old and new"),
        ("[[f]]\ncode = 'c'\nold = '1'\nnew = '2'\nhint = 'h'\n", 1, "either code, or old"),
        ("[[f]]\nold = '1'\nnew = '1'\nhint = 'h'\n", 1, "the same"),
        ("[[f]]\nold = 1\nnew = '2'\nhint = 'h'\n", 1, "are texts"),
        ("[[f]]\ncode = 'c'\nhnit = 'h'\n", 1, "unknown keys hnit"),
    ],
)
def test_read_mistakes_refuses(tmp_path: Path, text: str, line: int, message: str) -> None:
    """An entry that is half written is an error with file and line."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(text)
    with pytest.raises(LessonError) as caught:
        read_mistakes(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert message in caught.value.message


# -- evidence: whole notebooks and equivalent mutants, in the same file

EVIDENCE = """
[[whole]]
style = "loops"
[whole.cells]
double = '''
def double(x):
    return x + x
'''

[[double]]
old = "2"
new = "3"
hint = "Twice."

[[equivalent]]
exercise = "double"
old = "return 2 * x"
new = "return x * 2"
reason = "A product has no order."
"""


def test_read_evidence(tmp_path: Path) -> None:
    """Mistakes and evidence share a file, and each has its line."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(EVIDENCE)
    assert [mistake.line for mistake in read_mistakes(path)] == [10]
    evidence = read_evidence(path)
    (whole,), (equivalent,) = evidence.wholes, evidence.equivalents
    assert (whole.style, whole.line) == ("loops", 2)
    assert dict(whole.cells) == {"double": "def double(x):\n    return x + x"}
    assert (equivalent.exercise, equivalent.line) == ("double", 15)
    assert (equivalent.old, equivalent.new) == ("return 2 * x", "return x * 2")
    assert check_evidence(lesson_of(double=DOUBLE), evidence) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('style = "loops"', "style = 1", 2, "[[whole]] has style, cells, not"),
        ('style = "loops"\n', "", 2, "[[whole]] has style, cells, not cells"),
        ("double = '''\ndef double(x):\n    return x + x\n'''", "", 2, "the cell of each exercise"),
        ("double = '''\ndef double(x):\n    return x + x\n'''", "double = 1", 2, "as a text"),
        ('reason = "A product has no order."\n', "", 15, "has exercise, old, new, reason, not"),
    ],
)
def test_read_evidence_refuses(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    """An entry that is half written is an error with file and line."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(EVIDENCE.replace(old, new))
    with pytest.raises(LessonError) as caught:
        read_evidence(path)
    assert caught.value.line == line
    assert message in caught.value.message


BEHAVIOUR = """
[[equivalent]]
exercise = "double"
behaviour = "memory.first_result"
reason = "Nobody calls it twice."
"""
SOLVED = (
    DOUBLE.replace("    return", "    ### BEGIN SOLUTION\n    return") + "\n    ### END SOLUTION"
)


def test_read_evidence_behaviour(tmp_path: Path) -> None:
    """A behavioural mutant is named instead of the lines that differ."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(BEHAVIOUR)
    evidence = read_evidence(path)
    (one,) = evidence.equivalents
    assert (one.exercise, one.behaviour, one.old) == ("double", "memory.first_result", "")
    assert unfit(lesson_of(double=SOLVED), evidence) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("first_result", "frist_result", "did you mean memory.first_result"),
        ("memory.first_result", "order.own_random(rng)", "has no behavioural mutant 'order.own_r"),
        ('"double"', '"triple"', "has no exercise 'triple'"),
        ('reason = "Nobody calls it twice."', "", "has exercise, behaviour, reason, not"),
        ("[[equivalent]]", '[[equivalent]]\nold = "x"', "has exercise, behaviour, reason, not"),
    ],
)
def test_evidence_behaviour_unfit(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A behavioural mutant that is not made of the exercise is an error, with what is near."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(BEHAVIOUR.replace(old, new))
    try:
        (error,) = unfit(lesson_of(double=SOLVED), read_evidence(path))
    except LessonError as raised:
        error = raised
    assert error.line == 2
    assert message in error.message


def test_read_evidence_later(tmp_path: Path) -> None:
    """A demand that waits has a reason; only some demands can wait."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text('[[later]]\nmeasure = "behaved"\nreason = "It is older."\n')
    evidence = read_evidence(path)
    assert [(one.measure, one.line) for one in evidence.laters] == [("behaved", 1)]
    assert check_evidence(lesson_of(double=SOLVED), evidence) == []
    path.write_text('[[later]]\nmeasure = "caught"\nreason = "It is older."\n')
    (error,) = check_evidence(lesson_of(double=SOLVED), read_evidence(path))
    assert error.message == "no demand 'caught' can wait: behaved or form or hinted or true can"


def test_evidence_behaviour_of_broken_solution(tmp_path: Path) -> None:
    """A solution with a syntax error, which the rules report, has no known mutants."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(BEHAVIOUR)
    (error,) = unfit(lesson_of(double="def double(x:"), read_evidence(path))
    assert error.message == "'double' has no behavioural mutant 'memory.first_result'"


def test_check_evidence_unfit(tmp_path: Path) -> None:
    """Evidence of exercises that the lesson has not, or with syntax errors, is refused."""
    path = tmp_path / "n.mistakes.toml"
    path.write_text(EVIDENCE.replace("x + x", "x +"))
    found = unfit(lesson_of(triple="def triple(x): ..."), read_evidence(path))
    assert [(error.line, error.message[:36]) for error in found] == [
        (2, "the lesson n has no exercise 'double'"[:36]),
        (15, "the lesson n has no exercise 'double'"[:36]),
        (2, "the cell of 'double' has a syntax error"[:36]),
    ]
