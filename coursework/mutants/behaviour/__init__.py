"""Behavioural mutants: wrong in ways in which students are wrong in every exercise.

Other mutants change the text of a solution. These are made of what a docstring says of the
parameters and results: memory of earlier calls, lost digits, shared arrays, cases left out,
order and depth. Each family is a module; each behaviour in it a wrapper of the solution's
routine, or a change of the solution's code, and a rule that says where it applies.

A mutant is a whole cell: the solution's, and below it the wrapper that takes its place.
"""

from coursework.mutants.behaviour.make import FAMILIES, MOST, Behaviour, behaviours

__all__ = ["FAMILIES", "MOST", "Behaviour", "behaviours"]
