"""Raises its own limits."""
# needs: landlock
# %% square
import resource

for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError) as error:
        print(error)
    else:
        raise AssertionError("a limit was raised")

def square(x):
    while True:
        pass
