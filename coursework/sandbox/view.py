"""Which of the host's files a sandbox shows, and where: the same places on every host.

Python is in `/opt/python`, its environment in `/opt/environment`, and the course's files that
notebooks and a student's process import are in `/opt/course`. Nothing reveals where on the host
they come from, and nothing else that lies beside them there is seen.
"""

import os
import site
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import coursework

__all__ = ["COURSE", "View", "shown_files"]

COURSE = "/opt/course"
# What notebooks and a student's process import, and nothing else; folders are shown whole.
_FILES = ("__init__.py", "data.py")
_FOLDERS = ("built", "check", "ipc", "plot", "student", "texts")
_SUFFIXES = (".py", ".txt")
_PYTHON, _ENVIRONMENT, _USER, _PACKAGES = (
    f"/opt/{name}" for name in ("python", "environment", "user", "packages")
)
_SYSTEM = (
    *("/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/fonts"),
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share"),
    "/usr/local/lib",
)
_LIBRARIES = ("lib", "lib64")
# Where packages are, below a folder of libraries.
_INSTALLED = ("python*/site-packages", "python*/dist-packages")
# In these, installers record where on the host something is.
_WITH_PLACES = (
    *("*.pth", "*.egg-link", "*.dist-info/direct_url.json"),
    *("__editable__*", "__pycache__/__editable__*"),
)
_PACKAGE = Path(coursework.__file__).parent


def shown_files() -> list[Path]:
    """Return the files of the course that notebooks and a student's process import or read."""
    found = [
        path
        for name in _FOLDERS
        for path in (_PACKAGE / name).rglob("*")
        if path.suffix in _SUFFIXES
    ]
    # Anything that begins differently is a copy or a part that some program has left there.
    shown = [path for path in found if path.name == "__init__.py" or path.name[0].isalpha()]
    return [*(_PACKAGE / name for name in _FILES), *sorted(shown)]


@dataclass(frozen=True)
class View:
    """What a sandbox shows, for one interpreter of this host.

    Attributes
    ----------
    prefix, base_prefix : Path
        Of the environment and of its Python, as in `sys`.
    executable : Path
        The Python that the environment was made with.
    user_packages : Path or None
        The user's own packages, where Python looks for them.
    path : tuple of Path
        Where Python looks for modules.
    """

    prefix: Path
    base_prefix: Path
    executable: Path
    user_packages: Path | None = None
    path: tuple[Path, ...] = ()

    @classmethod
    def of_this_process(cls) -> Self:
        """Return the view for the interpreter that runs now."""
        base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        user = Path(site.getusersitepackages())
        has_user = bool(site.ENABLE_USER_SITE) and user.is_dir()
        prefixes = Path(sys.prefix), Path(sys.base_prefix)
        return cls(*prefixes, base, user if has_user else None, tuple(map(Path, sys.path)))

    @property
    def python(self) -> str:
        """The interpreter, as it is called inside."""
        return f"{_ENVIRONMENT}/bin/python" if self._has_environment else self._base_python

    @property
    def environment(self) -> dict[str, str]:
        """The variables that let Python find its libraries and modules."""
        found = {"PYTHONPATH": os.pathsep.join([COURSE, *self._elsewhere])}
        if self._has_own_python:
            # A shared libpython is searched where it was on the host.
            found["LD_LIBRARY_PATH"] = f"{_PYTHON}/lib"
        if self.user_packages:
            found["PYTHONUSERBASE"] = _USER
        return found

    @contextmanager
    def options(self, files: dict[str, bytes]) -> Iterator[tuple[list[str], list[int]]]:
        """Give bubblewrap's options, and the descriptors that it reads `files` from.

        Parameters
        ----------
        files : dict
            Path inside → content, of files to show beside those of the course.
        """
        made = list[str]()
        for source, target in self.shown.items():
            made += ["--ro-bind", str(source), target]
        for target in self._hidden_folders():
            made += ["--tmpfs", target, "--remount-ro", target]
        if self._has_environment:
            made += ["--symlink", self._base_python, self.python]
        written = [("--file", *item) for item in (self._files() | files).items()]
        written += [("--ro-bind-data", target, b"") for target in self._hidden_files()]
        with ExitStack() as stack:
            opened = []
            for option, target, content in written:
                opened.append(_opened(content, stack))
                made += ["--perms", "0444", option, str(opened[-1]), target]
            yield made, opened

    def places(self) -> tuple[list[str], list[str]]:
        """Return what Landlock lets a process read here, and folders whose names it may list.

        The same as `options` shows, where it is on the host.
        """
        hidden = [source for source, _ in self._hidden_places()]
        whole, listed = list[Path](), [_PACKAGE, *(_PACKAGE / name for name in _FOLDERS)]
        for source in self.shown:
            _divide(source, hidden, whole, listed)
        return [*map(str, [*whole, *shown_files()])], [*map(str, listed)]

    @property
    def folders(self) -> list[str]:
        """The folders to make for what is shown, parents first."""
        targets = [*self.shown.values(), *self._files(), f"{_ENVIRONMENT}/bin/python"]
        parents = {str(parent) for target in targets for parent in Path(target).parents}
        return sorted(parents - {"/"})

    @cached_property
    def shown(self) -> dict[Path, str]:
        """Files and folders of the host → where they are seen."""
        found = {Path(name): name for name in _SYSTEM}
        if self._has_own_python:
            found |= _libraries(self.base_prefix, _PYTHON)
            found[self.executable] = self._base_python
        if self._has_environment:
            found |= _libraries(self.prefix, _ENVIRONMENT)
        if self.user_packages:
            version = self.user_packages.parent.name
            found[self.user_packages] = f"{_USER}/lib/{version}/site-packages"
        found |= {source: target for target, source in self._elsewhere.items()}
        return {source: target for source, target in found.items() if source.exists()}

    @cached_property
    def _elsewhere(self) -> dict[str, Path]:
        """Folders of installed packages that Python knows from `PYTHONPATH` and the like."""
        known = [*map(Path, _SYSTEM), self.base_prefix, self.prefix]
        known += filter(None, [self.user_packages])
        found = [
            path
            for path in dict.fromkeys(self.path)
            if not any(map(path.is_relative_to, known)) and _has_installed_packages(path)
        ]
        return {f"{_PACKAGES}/{number}": path for number, path in enumerate(found)}

    @property
    def _has_own_python(self) -> bool:
        return self.base_prefix != Path("/usr")

    @property
    def _has_environment(self) -> bool:
        return self.prefix != self.base_prefix

    @property
    def _base_python(self) -> str:
        folder = f"{_PYTHON}/bin" if self._has_own_python else "/usr/bin"
        return f"{folder}/{self.executable.name}"

    def _files(self) -> dict[str, bytes]:
        """Return the files of the course, and what makes a folder an environment."""
        found = {
            f"{COURSE}/coursework/{path.relative_to(_PACKAGE)}": path.read_bytes()
            for path in shown_files()
        }
        if self._has_environment:
            found[f"{_ENVIRONMENT}/pyvenv.cfg"] = self._configuration()
        return found

    def _configuration(self) -> bytes:
        text = (self.prefix / "pyvenv.cfg").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.startswith("include-system")]
        return "\n".join([f"home = {Path(self._base_python).parent}", *lines]).encode()

    def _hidden_folders(self) -> list[str]:
        return [target for source, target in self._hidden_places() if source.is_dir()]

    def _hidden_places(self) -> list[tuple[Path, str]]:
        """Return where a clone of the course, or an installed package of it, would be seen."""
        is_clone = (_PACKAGE.parent / "pyproject.toml").exists()
        own = _PACKAGE.parent if is_clone else _PACKAGE
        return self._seen([own, *(folder / "coursework" for folder in self._package_folders())])

    def _hidden_files(self) -> list[str]:
        """Return where files that name places of the host would be seen."""
        found = [
            path
            for folder in self._package_folders()
            for pattern in _WITH_PLACES
            for path in folder.glob(pattern)
            if path.suffix != ".pth" or _names_places(path)
        ]
        return [target for _, target in self._seen(found)]

    def _package_folders(self) -> list[Path]:
        below = [
            path for source in self.shown for pattern in _INSTALLED for path in source.glob(pattern)
        ]
        return [*below, *self._elsewhere.values(), *filter(None, [self.user_packages])]

    def _seen(self, paths: Iterable[Path]) -> list[tuple[Path, str]]:
        """Return the places where paths of the host are seen."""
        found = {
            (path, f"{target}/{path.relative_to(source)}")
            for path in paths
            for source, target in self.shown.items()
            if path.is_relative_to(source)
        }
        return sorted(found)


def _divide(path: Path, hidden: list[Path], whole: list[Path], listed: list[Path]) -> None:
    """Add a path to those that are shown whole, or its names to those that are listed.

    A folder with something hidden in it is listed, and its contents are divided the same way.
    """
    if path in hidden:
        return
    if not any(one.is_relative_to(path) for one in hidden):
        whole.append(path)
        return
    listed.append(path)
    for child in path.iterdir():
        _divide(child, hidden, whole, listed)


def _libraries(prefix: Path, target: str) -> dict[Path, str]:
    """Return the folders of libraries of a Python or an environment, each once.

    One is often a link to the other; and both may lead to where an environment really is.
    """
    paths = {(prefix / name).resolve(): name for name in reversed(_LIBRARIES)}
    return {prefix / name: f"{target}/{name}" for name in paths.values()}


def _names_places(path: Path) -> bool:
    """Whether a line of a `.pth` file is a folder of the host, or loads a file that has one."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(line.startswith((os.sep, "import __editable__")) for line in lines)


def _has_installed_packages(path: Path) -> bool:
    """Whether an installer wrote this folder: a course's root is on the path, too."""
    return path.is_absolute() and any(path.glob("*.dist-info"))


def _opened(content: bytes, stack: ExitStack) -> int:
    """Return a descriptor that a text can be read from, closed with the stack."""
    descriptor = os.memfd_create("shown")
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
