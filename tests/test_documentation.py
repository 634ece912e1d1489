"""The commands of README and guides work in a fresh clone, in order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, Block, blocks, fresh_clone, install, make_home

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
)
KINDS = {name: {block.kind for block in blocks(ROOT / name)} for name in DOCUMENTS}

# What stands for what in a block; all else runs as it is written.
STANDINS = {
    "<this repository>": f'"{ROOT}"',
    # It serves until it is stopped: it is started, its page is opened, and it is stopped.
    "make lab": f'"{sys.executable}" "{ROOT}/tests/serving.py" make lab',
}
VARIABLES = {
    # The environment's package is that of the working tree, which the clone is a copy of.
    "PYTHONSAFEPATH": "1",
    # These very tests: in a clone within a test they are only collected.
    "PYTEST_ADDOPTS": "--collect-only --quiet",
    # `make setup` and pip install the course alone: its packages take minutes. That they can be
    # installed is what `.ci/run` begins with.
    "PIP_NO_DEPS": "1",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a clone needs a repository"),
    pytest.mark.skipif(shutil.which("make") is None, reason="the commands need make"),
]


def script(document: str, clone: Path) -> str:
    """Return a document's blocks as one script: each begins in the clone, and must succeed."""
    lines = ["set -e"]
    for block in blocks(ROOT / document):
        if block.kind == "sh":
            text = block.text
            for words, standin in STANDINS.items():
                text = text.replace(words, standin)
            lines += [f'cd "{clone}"', f"echo '== {document}:{block.line}' >&2", text]
    return "\n".join(lines)


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if "sh" in KINDS[name]])
def test_commands_of_a_document_run_in_a_fresh_clone(document: str, tmp_path: Path) -> None:
    """The blocks fenced as `sh` run, one after another, and leave what is in git as it was."""
    home = make_home(tmp_path)
    # Of the environment in use only what the clone's own `.venv` gives: README sets the path.
    outside = [
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if folder != str(Path(sys.executable).parent)
    ]
    environment = {**os.environ, **VARIABLES, "HOME": str(home), "PATH": os.pathsep.join(outside)}
    environment.pop("VIRTUAL_ENV", None)
    # Where packages come from may be written in the home folder of whoever runs the tests.
    environment.setdefault("PIP_CONFIG_FILE", str(Path.home() / ".config" / "pip" / "pip.conf"))
    clone = fresh_clone(tmp_path / "clone", environment)
    install(clone, Path(sys.prefix))
    done = subprocess.run(
        ["/bin/bash"],
        input=script(document, clone),
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    status = ["git", "status", "--porcelain", "--untracked-files=no"]
    left = subprocess.run(
        status, cwd=clone, env=environment, capture_output=True, text=True, check=True
    )
    assert left.stdout == ""


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if "console" in KINDS[name]])
def test_commands_of_a_transcript_exist(document: str) -> None:
    """The commands of a block fenced as `console` are there, and take these options."""
    asked = [
        line.split("#")[0].split()[1:]
        for block in blocks(ROOT / document)
        if block.kind == "console"
        for line in block.text.splitlines()
        if line.strip().startswith("$ ")
    ]
    assert asked
    for words in asked:
        assert words[0].removeprefix(".venv/bin/") == "coursework", (
            f"{words} is not known how to be looked at"
        )
        command = [Path(sys.executable).with_name("coursework"), *words[1:], "--help"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_commands_are_fenced() -> None:
    """No document shows a command in an indented block, where nothing would run it."""
    known = "make |nbgrader |coursework |git |pip |\\$ |\\.venv/bin/"
    for document in DOCUMENTS:
        text = re.sub(
            r"^( *)```.*?^\1```$", "", (ROOT / document).read_text(), flags=re.DOTALL | re.MULTILINE
        )
        assert not re.findall(rf"^ {{4,}}(?:{known}).*", text, re.MULTILINE), document


def test_blocks_are_found_with_their_lines(tmp_path: Path) -> None:
    """Only blocks fenced as commands are commands."""
    path = tmp_path / "a.md"
    path.write_text("x\n\n```sh\na\nb\n```\n\n```python\nc\n```\n\n   ```console\n   $ d\n   ```\n")
    assert blocks(path) == [Block("sh", 4, "a\nb\n"), Block("console", 13, "   $ d\n")]
