"""The judge: grades untrusted notebooks; the side that is trusted, and nothing else."""
