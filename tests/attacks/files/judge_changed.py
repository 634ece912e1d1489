"""Changes the modules of the judge that lie beside it."""
# needs: landlock
# %% square
import coursework.student.server as module

try:
    open(module.__file__, "a").write("\nraise SystemExit\n")
    changed = True
except OSError:
    changed = False
assert not changed
carried_out()

def square(x):
    return 0
