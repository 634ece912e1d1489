"""The judge: grades untrusted notebooks; the trusted side, and nothing else."""

from pathlib import Path

# For configurations of older courses.
__path__.append(str(Path(__file__).parents[1] / "former/judge"))
