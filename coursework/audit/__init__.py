"""Measure the tests of lessons with known mistakes, right answers and mutants."""

from coursework.audit.result import Audit, LessonAudit
from coursework.audit.run import audit
from coursework.audit.show import as_tables, as_text

__all__ = ["Audit", "LessonAudit", "as_tables", "as_text", "audit"]
