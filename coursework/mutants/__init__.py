"""Wrong answers that a program makes from a solution."""
