"""Changes the interpreter that grades the next student."""
# needs: landlock
# %% square
import os
import site
import sys
import numpy

changed = []
for folder in {*site.getsitepackages(), *sys.path, os.path.dirname(numpy.__file__), sys.prefix, "/usr/lib", "/dev"}:
    for name in ("sitecustomize.py", "evil.pth", "numpy.py"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("raise SystemExit")
            changed += [folder] * (not folder.startswith("/tmp"))
        except OSError:
            pass
assert not changed, changed

def square(x):
    return 0
