"""The judge: grades untrusted notebooks in two processes.

What runs beside student code (`wire`, `student`, `zygote`) imports nothing of the rest;
only `preprocessors` knows nbgrader.
"""
