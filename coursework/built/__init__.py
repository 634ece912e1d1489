"""Modules that `coursework build` makes of lessons, for later lessons to import."""
