"""The main job on real input: a class of made-up submissions, graded, in a folder of its own.

    coursework demo

Builds and releases an assignment, submits to it what students submit (right, wrong, broken
and dishonest), grades everything, and makes the feedback pages.
"""

from coursework.demo.run import ASSIGNMENT, Demo, Loss, StudentVerdict, run_demo
from coursework.demo.show import as_table, places, to_json

__all__ = [
    "ASSIGNMENT",
    "Demo",
    "Loss",
    "StudentVerdict",
    "as_table",
    "places",
    "run_demo",
    "to_json",
]
