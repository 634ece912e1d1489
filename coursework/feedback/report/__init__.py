"""The report on a class: what an instructor sees of a whole assignment, on one page."""

from coursework.feedback.report.gather import gather
from coursework.feedback.report.write import write_report

__all__ = ["gather", "write_report"]
