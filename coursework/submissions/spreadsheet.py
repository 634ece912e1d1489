"""Other people's texts in a table for a spreadsheet: none is taken for a formula."""

import re
from unicodedata import normalize

from coursework.submissions.safe_file import printable_lines

__all__ = ["harmless"]

_START = re.compile(r"(^|;)(\s*)(?=(\S))")


def harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: OWASP's rule for CSV.

    Where lists are separated by semicolons, a cell begins after one, too.
    """
    if not isinstance(value, str):
        return value
    return _START.sub(_quoted, printable_lines(value))


def _quoted(start: re.Match[str]) -> str:
    # Unicode has these signs in several widths and heights, which count alike.
    is_formula = normalize("NFKC", start[3]) in ("=", "+", "-", "@")
    return f"{start[1]}'{start[2]}" if is_formula else start[0]
