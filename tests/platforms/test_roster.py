"""A class list is read in whatever form it comes, and tells apart whom it can."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursework.errors import ConfigError
from coursework.gradebook.totals import Person
from coursework.platforms.roster import Listed, matched, name_key, read_roster

ADA = Person("ada", "Ada", "Lovelace", "ada@x.org", "41")
EMMY = Person("emmy", "Emmy", "Noether", "emmy@x.org")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_list_is_read_in_any_encoding_and_with_any_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    """As spreadsheets save it in this language or that."""
    text = 'student_id,last_name,email\nzoe,"Brönte",zoe@x.org\n\n'.replace(",", separator)
    path = tmp_path / "class.csv"
    path.write_bytes(text.encode(encoding))
    (zoe,) = read_roster(path).listed
    assert (zoe.student_id, zoe.last_name, zoe.email) == ("zoe", "Brönte", "zoe@x.org")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no table"),
        (b"\n\n", "no table"),
        (b"student_id\nada\n", "several columns"),
        (b"colour,size\nred,1\n", "tells students apart"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "no CSV"),
        (b"PK\x03\x04\x00\x00", "no table"),
    ],
)
def test_what_is_no_class_list_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """In a line with the file and the remedy."""
    path = tmp_path / "class.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=reason) as refused:
        read_roster(path)
    assert str(path) in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_surest_key_decides(tmp_path: Path) -> None:
    """The platform's number goes before the id, and that before address and name."""
    path = tmp_path / "class.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        '"Noether, Emmy",41,x,emmy,1\n'
        '"Lovelace, Ada",42,x,nobody,1\n'
    )
    first, second = read_roster(path).listed
    assert matched([first, second], [ADA, EMMY]) == {first: ADA}


def test_what_two_share_decides_nothing() -> None:
    """Neither in the list nor in the gradebook."""
    rows = [Listed(0, full_name="Ada Lovelace"), Listed(1, full_name="Lovelace, Ada")]
    assert matched(rows, [ADA]) == {}
    twin = Person("ada2", "Ada", "Lovelace")
    assert matched(rows[:1], [ADA, twin]) == {}
    assert matched(rows[:1], [ADA, EMMY]) == {rows[0]: ADA}


@given(st.lists(st.builds(Listed, st.integers(0, 9), login=st.sampled_from(["", "ada", "emmy"]))))
def test_nobody_is_two_rows(rows: list[Listed]) -> None:
    """Each student is found once at most."""
    found = list(matched(rows, [ADA, EMMY]).values())
    assert len(found) == len(set(found))


def test_name_is_the_same_in_either_order() -> None:
    """With and without a comma, in any width and case."""
    assert name_key("Lovelace, Ada") == name_key("ADA lovelace") == name_key("\uff21da Lovelace")
    assert name_key(" , ") == ()
