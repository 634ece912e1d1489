"""Unpack an archive that strangers have filled: nothing leaves the folder, nothing fills the disk.

What a member claims (its name, size and kind) is checked before and while it is read. A member
that is refused costs nobody else anything.
"""

import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from coursework.errors import SubmissionError
from coursework.submissions.read import MAX_FILE_BYTES

__all__ = [
    "CLASS",
    "ONE_STUDENT",
    "Bounds",
    "Refused",
    "is_archive",
    "member_names",
    "safe_name",
    "unpack",
]

_MIB = 2**20
_CHUNK = _MIB
_MAX_RATIO = 150  # deflate reaches 1032; a notebook's text shrinks 10 or 20 times
_SMALL = 10 * _MIB
_MAX_NAME = 200  # bytes; file systems allow 255
_MAX_DEPTH = 12
_MAX_PATH = 1000  # bytes; it is put below other folders, and systems allow 4096
_SPARE_BYTES = 512 * _MIB
_TAIL = 22 + 2**16  # the end record, with its comment
_SYSTEM = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
_BAD_LETTERS = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')


@dataclass(frozen=True)
class Bounds:
    """How much an archive may hold.

    Attributes
    ----------
    files : int
    bytes : int
        Of everything that comes out of it.
    directory : int
        Bytes of its table of contents, all of which is read into memory.
    """

    files: int
    bytes: int
    directory: int


CLASS = Bounds(files=300_000, bytes=200 * 2**30, directory=128 * _MIB)
ONE_STUDENT = Bounds(files=500, bytes=2 * MAX_FILE_BYTES, directory=_MIB // 4)


@dataclass(frozen=True)
class Refused:
    """A member that was not unpacked, and why."""

    name: str
    reason: str


def is_archive(path: Path) -> bool:
    """Whether a file claims to be a ZIP archive, by its name and its first bytes."""
    if path.suffix.lower() != ".zip" or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def unpack(path: Path, folder: Path, bounds: Bounds = CLASS) -> tuple[Refused, ...]:
    """Unpack an archive into a folder of its own; return what was refused.

    Empty folders, links and special files are not created, and no file replaces another.

    Parameters
    ----------
    path, folder : Path
    bounds : Bounds

    Raises
    ------
    SubmissionError
        It is not an archive, or holds too much, or more than fits on the disk; the text continues
        a sentence that begins with its name.
    """
    with _opened(path, bounds) as (archive, members):
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_unpacked(archive, members, folder, bounds.bytes))


def member_names(path: Path) -> list[str]:
    """Return the names of an archive's members.

    Raises
    ------
    SubmissionError
        As `unpack` does.
    """
    with _opened(path, CLASS) as (_, members):
        return [_decoded(member) for member in members]


@contextmanager
def _opened(path: Path, bounds: Bounds) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open an archive; yield it and its members, except those that nobody put there on purpose."""
    _demand_small_directory(path, bounds)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not _is_left_out(one)]
            if len(members) > bounds.files:
                msg = f"holds {len(members)} files, more than {bounds.files}: it was not unpacked"
                raise SubmissionError(msg)
            yield archive, members
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        msg = f"is no ZIP archive that can be read ({error}): download it again"
        raise SubmissionError(msg) from error
    except OSError as error:
        msg = f"cannot be unpacked: {error.strerror or error}"
        raise SubmissionError(msg) from error


def _demand_small_directory(path: Path, bounds: Bounds) -> None:
    """Refuse a table of contents that would fill the memory, before it is read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read()
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise SubmissionError(msg) from error
    found = tail.rfind(b"PK\x05\x06")
    if found < 0:
        msg = "is no ZIP archive, or was cut short: download it again"
        raise SubmissionError(msg)
    claimed = int.from_bytes(tail[found + 12 : found + 16], "little")
    if b"PK\x06\x07" in tail:  # the long form, whose size is elsewhere
        claimed = size if bounds is not CLASS else 0
    if claimed > bounds.directory:
        msg = "holds too many files: it was not unpacked"
        raise SubmissionError(msg)


def _is_left_out(member: zipfile.ZipInfo) -> bool:
    """Whether nobody put a member there on purpose, or it is only a folder."""
    return member.is_dir() or bool(_SYSTEM & set(member.filename.split("/")))


def _unpacked(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], folder: Path, room: int
) -> Iterator[Refused]:
    # Small ones first: a file that fills the disk does so after the others are unpacked.
    for member in sorted(members, key=lambda one: one.file_size):
        name = _decoded(member)
        room = min(room, shutil.disk_usage(folder).free - _SPARE_BYTES)
        try:
            target = folder / _place(member, name)
            room -= _write(archive, member, target, min(room, MAX_FILE_BYTES))
        except SubmissionError as error:
            yield Refused(name, str(error))
        except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError) as error:
            yield Refused(name, f"cannot be read: {error}")
        except (NotImplementedError, ValueError) as error:  # packed in an unknown way
            yield Refused(name, f"cannot be read: {error}")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            yield Refused(name, "another file of the archive has this name")
        except OSError as error:
            yield Refused(name, f"cannot be written: {error.strerror or error}")


def _decoded(member: zipfile.ZipInfo) -> str:
    """Return a member's name; if its encoding is not given, it is read as UTF-8 if possible."""
    name = member.orig_filename
    if not member.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return normalize("NFC", name)


def _place(member: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """Return where a member goes below the folder.

    Raises
    ------
    SubmissionError
        Its name leads out of the folder, or it may not be unpacked.
    """
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise SubmissionError("is a link, which is not followed")
    if kind not in (0, stat.S_IFREG):
        raise SubmissionError("is no ordinary file")
    if member.flag_bits & 1:
        raise SubmissionError("is encrypted")
    packed = max(member.compress_size, 1)
    if member.file_size > _SMALL and member.file_size / packed > _MAX_RATIO:
        raise SubmissionError("would grow more than any notebook does when it is unpacked")
    return safe_name(name)


def safe_name(name: str) -> PurePosixPath:
    r"""Return a relative path that is safe on every system: `a\b` is `a/b`, unsafe letters are `_`.

    Raises
    ------
    SubmissionError
        It leads out of its folder, is empty, or is too long.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:[\\/]", name):
        raise SubmissionError("its name leads out of its folder")
    if not parts or len(parts) > _MAX_DEPTH:
        raise SubmissionError("it has no name, or too many folders")
    path = PurePosixPath(*map(_safe_part, parts))
    if len(str(path).encode()) > _MAX_PATH:
        raise SubmissionError("its name is too long")
    return path


def _safe_part(part: str) -> str:
    shown = "".join(letter if letter.isprintable() else "_" for letter in part)
    shown = _BAD_LETTERS.sub("_", shown)
    stem, dot, suffix = shown.rpartition(".")
    if len(shown.encode()) <= _MAX_NAME:
        return shown
    kept = f"{dot}{suffix}" if stem and len(suffix.encode()) <= 10 else ""  # noqa: PLR2004
    short = shown.encode()[: _MAX_NAME - len(kept.encode())].decode(errors="ignore")
    return f"{short}{kept}"


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Write a member's content, reading no more than the size it claims; return that size."""
    if member.file_size > room:
        raise SubmissionError("is too large, or the disk is full")
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as file:
        try:
            shutil.copyfileobj(source, file, _CHUNK)
        except BaseException:
            target.unlink()
            raise
    return member.file_size
