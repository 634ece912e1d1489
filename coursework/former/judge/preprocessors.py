"""Now `coursework.nbgrader_bridge.autograde`."""

from coursework.nbgrader_bridge.autograde import Repair, RunJudge, SaveMarks, SubmissionExporter

__all__ = ["Repair", "RunJudge", "SaveMarks", "SubmissionExporter"]
