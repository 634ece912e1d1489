"""Whether hints are true: which of them each wrong answer gets, and with whose random inputs.

A hint belongs to a mistake. An answer that gets it with the random inputs of every student is the
same function as that mistake, as far as the tests can see, and the hint is true of it. An answer
that gets it by luck with some inputs is another function, and was told something false.
"""

from dataclasses import replace

from coursework.audit.cases import STUDENTS, Case, CaseVerdict, Subject
from coursework.judge.judge import Judge
from coursework.judge.report import Report

__all__ = ["ends", "with_hints"]


def ends(report: Report) -> bool:
    """Whether what was graded ends by itself, and so may run in the judge."""
    return not any(one.status in ("timeout", "died") for one in report.outcomes)


def with_hints(judge: Judge, subject: Subject, case: Case, verdict: CaseVerdict) -> CaseVerdict:
    """Return the verdict on a wrong answer with its hints, and those that are refuted.

    A mutant is graded only to the first lost point, so its hint is found here: it is made from
    the solution and runs in the judge, as known mistakes do.

    Parameters
    ----------
    judge : Judge
    subject : Subject
    case : Case
        Any case; there are hints for mistakes, mutants and slips.
    verdict : CaseVerdict
    """
    if verdict.is_full or not (case.is_mutant or case.kind in ("mistake", "slip")):
        return verdict
    first, *others = STUDENTS
    if case.is_mutant:
        hint = _hint(judge, subject, case, first)
        verdict = replace(verdict, hints=(hint,) if hint else ())
    shown = dict.fromkeys(verdict.hints)
    if case.kind == "mistake":
        refuted = tuple(hint for hint in shown if hint != case.hint)
        return replace(verdict, refuted=refuted, rivals=_rivals(judge, subject, case))
    if not shown:
        return verdict
    found = {_hint(judge, subject, case, student) for student in others}
    return replace(verdict, refuted=tuple(hint for hint in shown if found - {hint, None}))


def _rivals(judge: Judge, subject: Subject, case: Case) -> tuple[int, ...]:
    """Return the lines of mistakes that no student's inputs tell from this one."""
    replayer = judge.replayer(subject.lesson, subject.mistakes)
    own = next(m for m in subject.mistakes if (m.exercise, m.hint) == (case.exercise, case.hint))
    seeds = (judge.seed(subject.lesson, student, case.exercise) for student in STUDENTS)
    found = [{twin.line for twin in replayer.twins(own, seed)} for seed in seeds]
    return tuple(sorted(set.intersection(*found)))


def _hint(judge: Judge, subject: Subject, case: Case, student: str) -> str | None:
    """Return the hint that an answer gets with a student's random inputs; "" for none.

    None if the answer does not end.
    """
    replayer = judge.replayer(subject.lesson, subject.mistakes)
    seed = judge.seed(subject.lesson, student, case.exercise)
    return replayer.hint_of(case.exercise, dict(case.cells)[case.exercise], seed)
