"""The course's one configuration: nbgrader's settings and ours.

`nbgrader_config.py` loads this file for nbgrader's own commands.
"""

from coursework.gradebook.database import wait_for_gradebook
from coursework.nbgrader_bridge.mending import mend_nbgrader
from coursework.nbgrader_bridge.programs import find_programs

c = get_config()  # noqa: F821  (traitlets defines it)

# nbgrader starts alembic by name; its own commands are started without an activated environment.
find_programs()

# Time stamps that nbgrader cannot read, notebooks under other names, corrected submissions.
mend_nbgrader()

# Wait for a gradebook that another command is writing to.
wait_for_gradebook()

c.CourseDirectory.course_id = "ml-from-scratch"
c.CourseDirectory.solution_directory = "solutions"

# --- From source to release -----------------------------------------------------------

# release/ is built and in git: its existence is no reason to skip entering the assignment into
# the gradebook. Formgrader's button does the same.
c.GenerateAssignment.force = True

c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("not written yet")'
}

# True: release/ has no folded hints, for a class that is to work without them. Run
# `coursework build` after a change; submissions are graded alike with and without them.
c.LeaveOutHints.enabled = False

# Mark schemes are beside answers, not in nbgrader's task cells.
c.ClearMarkScheme.enforce_metadata = False

# ClearMarkScheme goes before SaveCells here. In nbgrader's order the gradebook keeps the
# checksum of the answer with its mark scheme, and an empty answer is never seen as empty.
# SaveLessonCells replaces SaveCells: given code may be added while there are submissions.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "coursework.authoring.hints.LeaveOutHints",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "coursework.nbgrader_bridge.handing_out.SaveLessonCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# --- From source to solutions ---------------------------------------------------------

# Hidden tests run and are then removed; the rest is what a reader sees.
c.GenerateSolution.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.ClearHiddenTests",
    "coursework.authoring.tidy.TidySolution",
]
c.Execute.timeout = 300
c.Execute.record_timing = False

# --- Grading --------------------------------------------------------------------------

# Whatever was submitted is read; then cells are brought back to the lesson's form. This replaces
# nbgrader's ClearOutput, DeduplicateIds, OverwriteKernelspec and OverwriteCells.
c.Autograde.exporter_class = "coursework.nbgrader_bridge.autograde.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "coursework.nbgrader_bridge.autograde.Repair",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# RunJudge replaces Execute (its limits are traits: c.RunJudge.cell_seconds = 60), and SaveMarks
# replaces SaveAutoGrades: marks never pass through the outputs of cells.
c.Autograde.autograde_preprocessors = [
    "coursework.nbgrader_bridge.autograde.RunJudge",
    "coursework.nbgrader_bridge.autograde.SaveMarks",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# --- Feedback -------------------------------------------------------------------------

# Pages without scripts or remote resources, and without hidden tests.
c.GenerateFeedback.preprocessors = [
    "coursework.feedback.preprocessors.Grades",
    "coursework.feedback.preprocessors.HideTests",
    "coursework.feedback.preprocessors.DropCopies",
    "coursework.feedback.preprocessors.AssemblePage",
]
c.GenerateFeedback.exporter_class = "coursework.feedback.exporter.FeedbackExporter"
