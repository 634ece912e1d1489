"""A term from end to end, with nbgrader's own commands and pages, in a fresh clone."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from commands import ROOT, blocks, fresh_clone, install, make_home
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import get_username
from pages import SCRIPTS, dangers, elements, text_of
from serving import Server, serving

ASSIGNMENT, NAME = "01-linear-regression", "least-squares"
COURSE = "--course=ml-from-scratch"
STUDENT = get_username()  # of the exchange: whoever runs the tests

SHOWN = r"""
from IPython.display import display
display({"text/html": "<b>ok</b><script>alert(3)</script>"}, raw=True)
display({"image/png": '"><script>alert(3)</script>', "text/plain": "x"}, raw=True)
display({"text/latex": r"<img src=x onerror=alert(3)> $\href{javascript:alert(3)}{x}$"}, raw=True)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a clone needs a repository"),
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange on Windows"),
]


@dataclass(frozen=True)
class Term:
    """The teacher's clone, the student's desk, and how both type their commands."""

    course: Path
    desk: Path
    environment: dict[str, str]

    def run(self, commands: str, folder: Path | None = None, code: int = 0) -> str:
        """Run commands of a shell; return all that they print."""
        done = subprocess.run(
            ["/bin/bash", "-e"],
            input=commands,
            cwd=folder or self.course,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def serve(self) -> Iterator[Server]:
        """Start the server in whose pages the teacher grades."""
        return serving(["jupyter", "lab"], self.course, self.environment)


@pytest.fixture
def term(tmp_path: Path) -> Term:
    """Return the first day of a term: a fresh clone, and an exchange that is empty."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    home = str(make_home(tmp_path))
    environment = {**os.environ, "HOME": home, "PATH": path, "PYTHONSAFEPATH": "1"}
    course = fresh_clone(tmp_path / "course", environment)
    install(course, Path(sys.prefix))
    desk = tmp_path / "desk"
    desk.mkdir()
    return Term(course, desk, environment)


def solve(course: Path, path: Path, *, is_hostile: bool) -> None:
    """Write the right answers into a student's notebook.

    A hostile one attacks anybody who opens it, with everything that is not code.
    """
    notebook = nbformat.read(path, as_version=4)
    source = nbformat.read(course / "source" / ASSIGNMENT / path.name, as_version=4)
    answers = {marks.grade_id: cell.source for cell in source.cells if (marks := _marks(cell))}
    questions = [_marks(cell).grade_id for cell in notebook.cells if _is_question(cell)]
    for cell in notebook.cells:
        if _is_question(cell):
            attack = "\n\n".join(SCRIPTS) if is_hostile else "and no more"
            cell.source = f"Because $a<b$, **surely**.\n\n{attack}"
        elif _marks(cell) and _marks(cell).solution:
            cell.source = answers[_marks(cell).grade_id]
    if is_hostile:
        notebook.metadata["title"] = SCRIPTS[0]
        notebook.cells += _attacks(questions[0])
    path.write_text(json.dumps(notebook))


def _attacks(question: str) -> list[NotebookNode]:
    raw = {"raw_mimetype": "text/html", "format": "text/html"}
    cells = [new_markdown_cell(script) for script in SCRIPTS]
    cells += [new_raw_cell(script, metadata=raw) for script in SCRIPTS]
    attached = {"x.svg": {'image/svg+xml"><script>alert(2)</script>': "AAAA"}}
    return [
        *cells,
        new_markdown_cell("![x](attachment:x.svg) [y](evil.html)", attachments=attached),
        new_markdown_cell("![x](attachment:none.png)"),
        new_markdown_cell(f"# {question}\n\n$\\href{{javascript:alert(2)}}{{x}}$"),
        new_code_cell(SHOWN, metadata={"tags": [SCRIPTS[1]]}),
    ]


def _marks(cell: NotebookNode) -> NotebookNode:
    return cell.metadata.get("nbgrader", NotebookNode())


def _is_question(cell: NotebookNode) -> bool:
    return bool(_marks(cell).get("grade") and _marks(cell).get("solution"))


def by_hand(term: Term, student: str, timestamp: str) -> None:
    """Put a submission into the course as from a learning platform's archive."""
    folder = term.course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    for path in (term.course / "release" / ASSIGNMENT).glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
        solve(term.course, folder / path.name, is_hostile=False)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def acts(page: str, submission: str) -> set[str]:
    """Return what on a page of Formgrader's could act, its own parts included.

    Ordinary links may lead anywhere.
    """
    code = re.findall(r"(?is)<script\b.*?</script>", page)
    values = [
        value
        for _, attributes in elements(page)
        for name, value in attributes.items()
        if name != "href"
    ]
    words = {text for text in (*code, *values) if "alert" in text or "evil.example" in text}
    return {danger.partition(submission)[0] for danger in (*words, *dangers(page))}


def test_term_from_the_first_command_to_the_feedback_that_a_student_reads(term: Term) -> None:
    """Release, fetch, submit, collect, grade, look at it and mark it in Formgrader, hand it back."""
    first = next(block.text for block in blocks(ROOT / "README.md") if "nbgrader" in block.text)
    term.run(first)
    term.run(f"nbgrader fetch_assignment {ASSIGNMENT} {COURSE}", term.desk)
    for path in (term.desk / ASSIGNMENT).glob("*.ipynb"):
        assert "HIDDEN" not in path.read_text()
        solve(term.course, path, is_hostile=path.stem == NAME)
    (term.desk / ASSIGNMENT / "evil.html").write_text(SCRIPTS[0])
    term.run(f"nbgrader submit {ASSIGNMENT} {COURSE}", term.desk)
    by_hand(term, "honest", "")
    by_hand(term, "odd", "1:599999999999999999999999999999999999")

    term.run(f"nbgrader collect {ASSIGNMENT}")
    printed = term.run(f"coursework grade {ASSIGNMENT} --json")
    result = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    assert (result["graded"], result["failures"]) == (3, [])
    assert "odd/01-linear-regression/timestamp.txt is ignored" in printed
    points = {(one["student"], one["notebook"]): one["points"] for one in result["scores"]}
    assert points[STUDENT, NAME] == points["honest", NAME] > 0

    with term.serve() as server:
        pages = look_at_all(server)
        assert pages[STUDENT] == pages["honest"]
        told = server.send("POST", f"formgrader/api/submission/{ASSIGNMENT}/{STUDENT}/autograde")
        assert told["success"], told
        assert look_at_all(server)[STUDENT] == pages["honest"]
        # Grading again puts a person's marks up for review, so the mark comes after it.
        question = mark(server, 1.5, "Well argued, <b>Ada</b>.")
        told = server.send("POST", f"formgrader/api/assignment/{ASSIGNMENT}/assign")
        assert told["success"], told

    made = term.run(f"coursework feedback {ASSIGNMENT}")
    assert made.count(f"{NAME}.html") == 3
    term.run(f"nbgrader generate_feedback {ASSIGNMENT} --force")
    term.run(f"nbgrader release_feedback {ASSIGNMENT}")
    term.run(f"nbgrader fetch_feedback {ASSIGNMENT} {COURSE}", term.desk)
    (page,) = (term.desk / ASSIGNMENT / "feedback").glob(f"*/{NAME}.html")
    text = page.read_text()
    assert dangers(text) == []
    assert "Well argued, Ada." in text_of(text)
    assert re.search(rf"\b{question}\s+1\.5 / 3\b", text_of(text))
    handed_out = (term.course / "feedback" / STUDENT / ASSIGNMENT).iterdir()
    assert not [path for path in handed_out if path.name == "evil.html"]


def look_at_all(server: Server) -> dict[str, set[str]]:
    """Open every page of Formgrader; return what acts on those of submissions, by student."""
    paths = [
        "formgrader/manage_assignments",
        f"formgrader/manage_submissions/{ASSIGNMENT}",
        "formgrader/gradebook",
        f"formgrader/gradebook/{ASSIGNMENT}",
        f"formgrader/gradebook/{ASSIGNMENT}/{NAME}",
        "formgrader/manage_students",
        f"formgrader/manage_students/{STUDENT}",
        f"formgrader/manage_students/{STUDENT}/{ASSIGNMENT}",
        # What the scripts of these pages ask for.
        "formgrader/api/assignments",
        f"formgrader/api/submissions/{ASSIGNMENT}",
        f"formgrader/api/notebooks/{ASSIGNMENT}",
        "formgrader/api/students",
        f"formgrader/api/student_submissions/{STUDENT}",
        f"formgrader/api/student_notebook_submissions/{STUDENT}/{ASSIGNMENT}",
    ]
    for path in paths:
        status, page = server.get(path)
        assert status == 200, f"{path}: {status}\n{page[:2000]}"
    pages = {}
    for one in submitted(server):
        status, page = server.get(f"formgrader/submissions/{one['id']}/")
        assert status == 200, page
        assert "Because $a<b$, " in text_of(page)
        pages[one["student"]] = acts(page, one["id"])
    return pages


def submitted(server: Server) -> list[dict[str, str]]:
    """Return what Formgrader lists of the submitted notebook."""
    status, text = server.get(f"formgrader/api/submitted_notebooks/{ASSIGNMENT}/{NAME}")
    assert status == 200, text
    found = json.loads(text)
    assert len(found) == 3
    return found


def mark(server: Server, points: float, comment: str) -> str:
    """Mark a question of the student's, and comment on it, as Formgrader's page does."""
    (about,) = (one for one in submitted(server) if one["student"] == STUDENT)
    query = f"?submission_id={about['id']}"
    grades = json.loads(server.get(f"formgrader/api/grades{query}")[1])
    open_one = next(one for one in grades if one["needs_manual_grade"] and one["max_score"] == 3)
    sent = {**open_one, "manual_score": points}
    told = server.send("PUT", f"formgrader/api/grade/{open_one['id']}", sent)
    assert (told["manual_score"], told["needs_manual_grade"]) == (points, False)
    comments = json.loads(server.get(f"formgrader/api/comments{query}")[1])
    beside = next(one for one in comments if one["name"] == open_one["name"])
    sent = {**beside, "manual_comment": comment}
    told = server.send("PUT", f"formgrader/api/comment/{beside['id']}", sent)
    assert told["manual_comment"] == comment
    return open_one["name"]
