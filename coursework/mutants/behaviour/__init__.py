"""Behavioural mutants: wrong in the ways that students are in any exercise.

Other mutants change the text of a solution. These are made from what a docstring says about
parameters and results: memory of earlier calls, lost digits, shared arrays, cases left out, order
and depth. Each family is a module; each behaviour in it is a wrapper of the solution's routine, or
a change of the solution's code, and a rule that says where it applies.

A mutant is a whole cell: the solution's, and below it the wrapper that replaces it.
"""

from coursework.mutants.behaviour.make import FAMILIES, MOST, Behaviour, behaviours

__all__ = ["FAMILIES", "MOST", "Behaviour", "behaviours"]
