"""Verdicts repeat to the byte: nothing in a message depends on the run that wrote it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coursework.judge.steady import steady

HERE = Path(__file__).parent
# Answers of which each message could tell an address, or the order of a set.
ANSWERS = {
    "object_in_error": "class A: pass\ndef {f}(x):\n    raise ValueError(f'no {{A()}}, {{[A()]}}')",
    "function_in_error": "def {f}(x):\n    raise TypeError({f}, (lambda: 0), iter([]), print)",
    "method_in_error": "class A:\n    def m(self): pass\ndef {f}(x):\n    raise KeyError(A().m)",
    "generator_in_error": (
        "def {f}(x):\n    raise ValueError(np.random.default_rng(), (i for i in x), {f}.__code__)"
    ),
    "hex_of_id": "def {f}(x):\n    raise ValueError('Node ' + hex(id(x)))",
    "thread": "import threading\ndef {f}(x):\n    raise ValueError(threading.current_thread())",
    "set_in_error": "def {f}(x):\n    raise ValueError({{'lion', 'cat', 'ape', 'dog', 'elk'}})",
    "text_of_object": "class A: pass\ndef {f}(x):\n    return str(A())",
    "texts_of_objects": "class A: pass\ndef {f}(x):\n    return [str(A()), repr({f})]",
    "object": "class A:\n    def __init__(self): self.a = self\ndef {f}(x):\n    return A()",
    "objects": "class A: pass\ndef {f}(x):\n    return [A(), {f}, A]",
    "set_of_words": "def {f}(x):\n    return {{'lion', 'cat', 'ape', 'dog', 'elk'}}",
    "sets_of_words": (
        "def {f}(x):\n    return [frozenset({{'ape', 'dog', 'elk'}}), {{('b', 1), ('a', 2)}}]"
    ),
    "order_of_set": "def {f}(x):\n    return list({{'lion', 'cat', 'ape', 'dog', 'elk'}})",
    "recursion": "def {f}(x):\n    return {f}([x]) == x",
    "cell": "class A: pass\nraise ValueError(A())",
    "given_a_set": "def {f}(x):\n    return [i for i in x if i is not None]",
    "given_functions": "def {f}(x):\n    raise ValueError(f'not with {{x}}')",
}
INPUTS = {
    "given_a_set": "set('lion cat ape dog elk'.split())",
    "given_functions": "[np.sin, print]",
}


def _verdicts() -> str:
    """Grade all answers in this process; return the verdicts as JSON."""
    from dataclasses import asdict  # noqa: PLC0415  (what the other process runs)

    from tiny import make_lesson, make_notebook  # noqa: PLC0415

    from coursework.ipc.limits import Limits  # noqa: PLC0415
    from coursework.judge.judge import Judge  # noqa: PLC0415

    tests = {
        name: f"x = {INPUTS.get(name, '[1.0, 2.0]')}\ncheck.close({name}(x), [0.0, 1.0, 7.0])"
        for name in ANSWERS
    }
    solved = make_notebook({name: f"def {name}(x):\n    return x" for name in ANSWERS}, tests)
    lesson = make_lesson(solved)
    for cell in solved.cells:
        if name := cell.metadata.get("exercise"):
            cell.source = ANSWERS[name].format(f=name)
    with Judge(Limits(cell_seconds=60.0, notebook_seconds=240.0), b"s") as judge:
        outcomes = judge.grade(lesson, solved, "eve").outcomes
    return json.dumps({one.exercise: asdict(one) for one in outcomes})


def test_verdicts_of_two_processes_are_the_same_to_the_byte() -> None:
    """A verdict contains neither addresses nor orders of sets, whoever's they are."""
    found = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, __file__],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(done.stdout))
    for name in ANSWERS:
        assert found[0][name] == found[1][name]
        assert found[0][name]["points"] == 0
        assert "0x7" not in found[0][name]["message"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<__main__.Node object at 0x7f03a21b5d90>", "<__main__.Node object>"),
        ("<function f at 0x7f03a21b>, <bound method A.m of <A object at 0x1f>>", None),
        ("Generator(PCG64) at 0x7F03A21B5D90", "Generator(PCG64)"),
        ("cut in the middle: <function f at 0x7f0…", "cut in the middle: <function f…"),
        ("Node 0x55d0a21b5d90", "Node 0x…"),
        ("Got '0xdeadbeef', expected '0xff'.", "Got '0xdeadbeef', expected '0xff'."),
        ("{'b', 'a'} and {'b': 1, 'a': 2}", "{'a', 'b'} and {'b': 1, 'a': 2}"),
        ("frozenset({'b', 'a'}), [{2, 10}]", "frozenset({'a', 'b'}), [{2, 10}]"),
        ("{not, a set} {'b', f(x)}", "{not, a set} {'b', f(x)}"),
        ("maximum recursion depth exceeded in comparison", "maximum recursion depth exceeded"),
    ],
)
def test_text_without_what_is_of_its_run(text: str, told: str | None) -> None:
    """Addresses go, sets are in order, and everything else stays as it is."""
    assert steady(text) == (told or "<function f>, <bound method A.m of <A object>>")
    assert steady(steady(text)) == steady(text)


if __name__ == "__main__":
    sys.stdout.write(_verdicts())
