"""Lessons are measured again where a change touches them, and by turns."""

import subprocess
from pathlib import Path

import pytest

from coursework.audit.selection import by_turns, part_of, text_before, touched
from coursework.errors import ConfigError

NAMES = tuple(f"00-a/{number:02}" for number in range(25))
NOBODY_KNOWS = dict.fromkeys(NAMES, frozenset())


class Clone:
    """A course in a git repository of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        for name in NAMES:
            self.write(f"lessons/{name}.md", "text")
        self.commit()

    def git(self, *arguments: str) -> str:
        """Run git as somebody whose own settings do not matter."""
        person = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.root), *person, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, times: int = 1) -> None:
        """Commit all that is there, and then nothing some more times."""
        self.git("add", "--all")
        for _ in range(times):
            self.git("commit", "--quiet", "--allow-empty", "--message", "change")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone with an origin, whose main branch is longer than any landing."""
    monkeypatch.delenv("COURSEWORK_BASE", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = Clone(tmp_path / "a cours\N{LATIN SMALL LETTER E WITH ACUTE}")
    made.commit(25)
    made.git("update-ref", "refs/remotes/origin/main", "HEAD")
    made.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return made


@pytest.mark.parametrize("file", ["md", "mistakes.toml", "audit.json"])
def test_touched_by_commits(clone: Clone, file: str) -> None:
    """A lesson is touched where a commit since the main branch changes one of its files."""
    clone.write(f"lessons/{NAMES[3]}.{file}", "other text")
    clone.write(f"lessons/{NAMES[3]}-and-more.md", "text")
    clone.write("README.md", "text")
    clone.commit()
    clone.commit()
    assert touched(clone.root, NAMES) == {NAMES[3]: {file}}


def test_touched_by_nothing(clone: Clone) -> None:
    """A change of other files touches no lesson."""
    clone.write("coursework/new.py", "text")
    clone.commit()
    assert touched(clone.root, NAMES) == {}


def test_touched_without_commit(clone: Clone) -> None:
    """What is changed or new and not committed yet counts, too."""
    clone.write(f"lessons/{NAMES[3]}.md", "other text")
    clone.write(f"lessons/{NAMES[4]}.audit.json", "{}")
    assert touched(clone.root, NAMES) == {NAMES[3]: {"md"}, NAMES[4]: {"audit.json"}}


def test_touched_on_the_main_branch(clone: Clone) -> None:
    """On the main branch itself the last twenty commits count as the change."""
    clone.write(f"lessons/{NAMES[3]}.md", "other text")
    clone.commit(20)
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert touched(clone.root, NAMES) == {NAMES[3]: {"md"}}
    clone.commit()
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert touched(clone.root, NAMES) == {}


def test_touched_since_a_named_base(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the commit where the change begins; an unknown one says nothing."""
    clone.write(f"lessons/{NAMES[3]}.md", "other text")
    clone.commit()
    clone.write(f"lessons/{NAMES[4]}.md", "other text")
    clone.commit()
    monkeypatch.setenv("COURSEWORK_BASE", "HEAD~1")
    assert touched(clone.root, NAMES) == {NAMES[4]: {"md"}}
    monkeypatch.setenv("COURSEWORK_BASE", "0123456789")
    assert touched(clone.root, NAMES) == NOBODY_KNOWS


def test_touched_in_a_folder_of_the_repository(clone: Clone, tmp_path: Path) -> None:
    """A course need not lie at the root of its repository."""
    (clone.root / "lessons").rename(tmp_path / "lessons")
    (clone.root / "course").mkdir()
    (tmp_path / "lessons").rename(clone.root / "course" / "lessons")
    clone.commit()
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
    clone.write(f"course/lessons/{NAMES[3]}.md", "other text")
    clone.commit()
    assert touched(clone.root / "course", NAMES) == {NAMES[3]: {"md"}}


def test_touched_where_git_does_not_tell(clone: Clone, tmp_path: Path) -> None:
    """Without git, in a shallow clone or after a first commit nothing is trusted."""
    assert touched(tmp_path, NAMES) == NOBODY_KNOWS
    shallow = tmp_path / "shallow"
    clone.git("clone", "--quiet", "--depth=1", f"file://{clone.root}", str(shallow))
    assert touched(shallow, NAMES) == NOBODY_KNOWS
    assert touched(Clone(tmp_path / "first").root, NAMES) == NOBODY_KNOWS


def test_text_before(clone: Clone, tmp_path: Path) -> None:
    """What a file held where the change began; None for a new file, and where git does not tell."""
    file = f"lessons/{NAMES[3]}.md"
    clone.write(file, "other text")
    clone.write("lessons/new.md", "text")
    clone.commit()
    assert text_before(clone.root, file) == "text"
    assert text_before(clone.root / "lessons", file.removeprefix("lessons/")) == "text"
    assert text_before(clone.root, "lessons/new.md") is None
    assert text_before(tmp_path, file) is None


def test_by_turns(clone: Clone, tmp_path: Path) -> None:
    """It is one in so many, rounded up, for one commit; after many commits it was each once."""
    first = by_turns(clone.root, NAMES, 10)
    assert (len(first), first) == (3, by_turns(clone.root, NAMES, 10))
    assert len(by_turns(clone.root, NAMES, 3)) == 9
    assert by_turns(clone.root, (), 3) == frozenset()
    seen = set(first)
    for _ in range(60):
        clone.commit()
        seen |= by_turns(clone.root, NAMES, 10)
    assert seen == set(NAMES)
    assert by_turns(tmp_path, NAMES, 10) == set(NAMES)


def test_parts() -> None:
    """The parts of n share no lesson, and are all lessons together."""
    parts = [part_of(NAMES, f"{number}/4") for number in range(1, 5)]
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert part_of(NAMES, "") == NAMES


@pytest.mark.parametrize("shard", ["0/4", "5/4", "4", "a/b", "1/4/2", "-1/4"])
def test_parts_wrong(shard: str) -> None:
    """Anything that is not a part is refused, with the right form."""
    with pytest.raises(ConfigError, match="k/n"):
        part_of(NAMES, shard)
