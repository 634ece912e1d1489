"""Changes the modules of the judge that lie beside it."""
# needs: landlock
# %% square
import coursework.judge.student as module

try:
    open(module.__file__, "a").write("\nraise SystemExit\n")
    changed = True
except OSError:
    changed = False
assert not changed

def square(x):
    return 0
