"""The judge: grades untrusted notebooks; the side that is trusted, and nothing else."""

from pathlib import Path

# For configurations of courses that began earlier.
__path__.append(str(Path(__file__).parents[1] / "former/judge"))
