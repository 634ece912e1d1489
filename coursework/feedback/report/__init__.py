"""The report on a class: one page that shows an instructor a whole assignment."""

from coursework.feedback.report.gather import gather
from coursework.feedback.report.write import write_report

__all__ = ["gather", "write_report"]
