"""Wrong answers that a program makes of a solution."""
