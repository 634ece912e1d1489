"""Write sheets as CSV, in which nothing is a formula, or as JSON."""

import csv
import json
import re
from typing import TextIO

from coursework.platforms.sheets import Sheet
from coursework.submissions.spreadsheet import harmless

__all__ = ["write_sheet"]

_NUMBER = re.compile(r"-|[-+]?\d+(?:[.,]\d+)*%?")


def write_sheet(file: TextIO, sheet: Sheet, style: str) -> None:
    """Write a sheet in a style, one of `sheets.FORMATS`."""
    if style == "json":
        json.dump(sheet.records(), file, indent=1)
        file.write("\n")
        return
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(_cell, sheet.header))
    writer.writerows(map(_cell, row) for row in sheet.rows)


def _cell(value: object) -> object:
    """Return a cell as it is written: numbers without trailing zeros, texts never as formulas."""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return value
    return "" if value is None else harmless(value)
