"""Feedback pages: one static, script-free HTML file per notebook, made through nbgrader.

    nbgrader generate_feedback 01-linear-regression
    coursework feedback 01-linear-regression

Both run the preprocessors of this package and the template in `templates/feedback`.
"""

from coursework.feedback.page import Check, Fold, Page, Section
from coursework.grading.causes import short_cause

__all__ = ["Check", "Fold", "Page", "Section", "short_cause"]
