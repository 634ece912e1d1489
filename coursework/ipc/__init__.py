"""The wire between judge and student's process: what both sides of it import."""
