"""An archive that strangers have filled writes nothing outside, and fills neither disk nor memory."""

import os
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursework.errors import SubmissionError
from coursework.platforms.archive import ONE_STUDENT, Bounds, safe_name, unpack
from coursework.platforms.zip_collect import extract

Member = tuple[str | zipfile.ZipInfo, bytes]


def archive(folder: Path, *members: Member, name: str = "a.zip") -> Path:
    """Write an archive, with whatever names."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in members:
            file.writestr(member, content)
    return path


def info(name: str, **attributes: object) -> zipfile.ZipInfo:
    """Return a member with attributes of its own."""
    found = zipfile.ZipInfo(name)
    for key, value in attributes.items():
        setattr(found, key, value)
    return found


def tree(folder: Path) -> set[str]:
    """Return all that lies below a folder, folders left out."""
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/evil",
        "\\evil",
        "..\\evil",
        "C:\\evil",
        "c:/evil",
        "a/b/../../../evil",
    ],
)
def test_name_that_climbs_is_refused(tmp_path: Path, name: str) -> None:
    """By whatever separator, and nothing appears outside; the others come out."""
    path = archive(tmp_path, (name, b"x"), ("good", b"y"))
    (refused,) = unpack(path, tmp_path / "in" / "out")
    assert "leads out" in refused.reason
    assert tree(tmp_path) == {"a.zip", "in/out/good"}


@given(st.text())
def test_safe_name_stays_below_its_folder(name: str) -> None:
    """Whatever the name, each part is a name, printable, and short enough for a file system."""
    try:
        path = safe_name(name)
    except SubmissionError:
        return
    assert not path.is_absolute()
    for part in path.parts:
        assert part not in ("", ".", "..")
        assert part.isprintable()
        assert "/" not in part
        assert len(part.encode()) <= 200


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(tmp_path: Path, kind: int) -> None:
    """Neither is made, nor a file through one."""
    link = info("a", external_attr=(kind | 0o777) << 16, create_system=3)
    path = archive(tmp_path, (link, b"/etc"), ("a/passwd", b"x"))
    refused = unpack(path, tmp_path / "out")
    assert [one.name for one in refused] == ["a"]
    assert not (tmp_path / "out" / "a").is_symlink()
    assert tree(tmp_path / "out") == {"a/passwd"}


def test_bomb_is_refused_and_costs_nobody_else(tmp_path: Path) -> None:
    """A file that grows a thousandfold is not unpacked; others are."""
    path = archive(tmp_path, ("bomb.ipynb", bytes(2**26)), ("good", b"y"))
    (refused,) = unpack(path, tmp_path / "out")
    assert (refused.name, "grow" in refused.reason) == ("bomb.ipynb", True)
    assert tree(tmp_path / "out") == {"good"}


def test_bomb_that_lies_about_its_size_writes_no_more_than_it_says(tmp_path: Path) -> None:
    """It is found out, and nothing of it stays."""
    path = archive(tmp_path, ("bomb", bytes(2**24)))
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(sign) + offset
        content[at : at + 4] = struct.pack("<I", 1000)
    path.write_bytes(content)
    (refused,) = unpack(path, tmp_path / "out")
    assert "cannot be read" in refused.reason
    assert tree(tmp_path / "out") == set()


def test_sum_of_all_is_bounded(tmp_path: Path) -> None:
    """Small ones come out first."""
    members = [(name, os.urandom(600)) for name in "abc"]
    path = archive(tmp_path, ("large", os.urandom(5000)), *members)
    refused = unpack(path, tmp_path / "out", Bounds(files=10, bytes=2000, directory=2**20))
    assert [one.name for one in refused] == ["large"]
    assert tree(tmp_path / "out") == {"a", "b", "c"}


def test_archive_within_an_archive_is_unpacked_once(tmp_path: Path) -> None:
    """What lies deeper stays packed, and one that holds too much is refused alone."""
    deep = archive(tmp_path, ("deep.txt", b"x"), name="deep.zip").read_bytes()
    inner = archive(tmp_path, ("n.ipynb", b"x"), ("deep.zip", deep), name="inner.zip").read_bytes()
    many = [(str(number), b"") for number in range(ONE_STUDENT.files + 1)]
    crowd = archive(tmp_path, *many, name="many.zip").read_bytes()
    path = archive(tmp_path, ("ada/w.zip", inner), ("bob/w.zip", crowd), ("eve/w.zip", b"PK"))
    out = tmp_path / "out"
    out.mkdir()
    refused = {one.name: one.reason for one in extract(path, out)}
    assert tree(out) == {"ada/w.zip/n.ipynb", "ada/w.zip/deep.zip", "bob/w.zip", "eve/w.zip"}
    assert set(refused) == {"bob/w.zip", "eve/w.zip"}
    assert "501 files" in refused["bob/w.zip"]
    assert "no ZIP archive" in refused["eve/w.zip"]


def test_table_of_contents_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    """Millions of empty members would fill the memory."""
    path = archive(tmp_path, *((f"{number:0500}", b"") for number in range(600)))
    with pytest.raises(SubmissionError, match="too many files"):
        unpack(path, tmp_path / "out", ONE_STUDENT)
    assert not tree(tmp_path / "out")


def test_thousands_of_members_are_unpacked(tmp_path: Path) -> None:
    """A large class is one archive."""
    path = archive(tmp_path, *((f"s{number}/n.ipynb", b"{}") for number in range(3000)))
    assert unpack(path, tmp_path / "out") == ()
    assert len(tree(tmp_path / "out")) == 3000


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("Zoë.ipynb".encode(), "Zoë.ipynb"),  # UTF-8 that does not say so, as macOS writes it
        ("Zoe\u0308.ipynb".encode(), "Zoë.ipynb"),
        ("Zoë.ipynb".encode("cp437"), "Zoë.ipynb"),
        ("Zoë.ipynb".encode("cp1252"), "Zo\u03b4.ipynb"),  # no encoding is told: a name, if another
        (b"\xff\xfe\x00.ipynb", "_\u25a0_.ipynb"),
    ],
)
def test_names_in_other_encodings(tmp_path: Path, stored: bytes, name: str) -> None:
    """A member comes out by the name that its author sees, or by some printable one."""
    stand_in = "x" * len(stored)
    path = archive(tmp_path, (stand_in, b"x"))
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), stored))
    assert unpack(path, tmp_path / "out") == ()
    assert tree(tmp_path / "out") == {name}


def test_member_of_a_name_that_is_there_replaces_nothing(tmp_path: Path) -> None:
    """A second file of a name is told of; so is one that would have to be a folder."""
    path = archive(tmp_path, ("a", b"1"), ("./a", b"22"), ("a/b", b"333"))
    refused = unpack(path, tmp_path / "out")
    assert [one.name for one in refused] == ["./a", "a/b"]
    assert (tmp_path / "out" / "a").read_bytes() == b"1"


def test_what_is_encrypted_or_damaged_is_told(tmp_path: Path) -> None:
    """And the rest comes out."""
    path = archive(tmp_path, ("locked", b"x" * 50), ("torn", os.urandom(500)), ("good", b"y"))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    torn = content.index(b"torn") + 30
    content[torn : torn + 9] = bytes(9)
    path.write_bytes(content)
    refused = {one.name: one.reason for one in unpack(path, tmp_path / "out")}
    assert refused["locked"] == "is encrypted"
    assert "cannot be read" in refused["torn"]
    assert tree(tmp_path / "out") == {"good"}


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", b"PK\x05\x06" + bytes(18)[:9]])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    """In a sentence that begins with its name."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match="is no ZIP archive"):
        unpack(path, tmp_path / "out")


def test_what_systems_leave_is_left_out(tmp_path: Path) -> None:
    """Finder's and Explorer's files are nobody's."""
    path = archive(
        tmp_path, ("__MACOSX/a/._n.ipynb", b"x"), ("a/.DS_Store", b"x"), ("a/n.ipynb", b"x")
    )
    assert unpack(path, tmp_path / "out") == ()
    assert tree(tmp_path / "out") == {"a/n.ipynb"}


def test_memory_does_not_grow_with_what_is_unpacked(tmp_path: Path) -> None:
    """Members are copied piece by piece."""
    path = archive(tmp_path, *((str(number), os.urandom(2**20) * 48) for number in range(4)))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from coursework.platforms.archive import unpack\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert unpack(Path(sys.argv[1]), Path(sys.argv[2])) == ()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", code, str(path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform == "linux" else 1
    assert int(done.stdout) * unit < 32 * 2**20
