"""The command blocks of README and guides, a fresh clone to run them in, and a home to run them from."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Block", "blocks", "fresh_clone", "install", "make_home"]

ROOT = Path(__file__).parent.parent

_BLOCK = re.compile(r"^( *)```(sh|console)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_SERVER = """
c = get_config()
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
"""
_EXCHANGE = """
c = get_config()
c.Exchange.root = {root!r}
c.Exchange.cache = {cache!r}
"""


@dataclass(frozen=True)
class Block:
    """A block of commands: what it is fenced as, the line it begins in, and its text."""

    kind: str
    line: int
    text: str


def blocks(document: Path) -> list[Block]:
    """Return the command blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(found[2], text.count("\n", 0, found.start()) + 2, found[3])
        for found in _BLOCK.finditer(text)
    ]


def fresh_clone(target: Path, environment: dict[str, str]) -> Path:
    """Clone the repository as it is in the working tree, changes and new files included."""

    def git(*arguments: str, cwd: Path = ROOT) -> str:
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=cwd, env=environment, check=True, capture_output=True, text=True
        ).stdout

    git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(target))
    for name in git("ls-files", "-z").split("\0")[:-1]:
        if not (ROOT / name).is_file():
            (target / name).unlink(missing_ok=True)
    for name in git("ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    git("add", "--all", cwd=target)
    git(
        "-c", "user.name=t", "-c", "user.email=t", "commit", "-qm", "t", "--allow-empty", cwd=target
    )
    return target


def install(clone: Path, prefix: Path) -> None:
    """Give a clone the environment that runs the tests, as if `make setup` had made it there.

    To install all anew would take minutes of each run; that `make setup` does so is what
    `.ci/run` begins with.
    """
    folder = clone / ".venv"
    folder.mkdir()
    for path in prefix.iterdir():
        if not path.name.startswith("installed-"):
            (folder / path.name).symlink_to(path)
    for extras in ("test", "test-audit"):
        (folder / f"installed-{extras}").touch()


def make_home(folder: Path) -> Path:
    """Make a home folder: an exchange for all of a class, and servers that open no browser."""
    home = folder / "home"
    settings = home / ".jupyter"
    settings.mkdir(parents=True)
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    text = _EXCHANGE.format(root=str(exchange), cache=str(home / "cache"))
    (settings / "nbgrader_config.py").write_text(text)
    (settings / "jupyter_server_config.py").write_text(_SERVER)
    (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    return home
