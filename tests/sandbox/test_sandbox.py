"""What a student's process sees and may do, and what the judge does where it cannot be held."""

import errno
import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
from nbformat.v4 import new_code_cell
from tiny import make_lesson, make_notebook
from waiting import until

from coursework.errors import IsolationError
from coursework.ipc.limits import Limits
from coursework.ipc.procfs import process_tree, status_of
from coursework.judge.exchange import StandIns
from coursework.judge.judge import Judge
from coursework.sandbox.bubblewrap import isolation_problems, landlock_problems, make_sandbox
from coursework.student.confine import set_limits

LEVELS = ["auto", "process"] + ["landlock"] * (not landlock_problems())
needs_full = pytest.mark.skipif(bool(isolation_problems()), reason="; ".join(isolation_problems()))
pytestmark = pytest.mark.sandbox
FILE_BYTES = 2 * 1024 * 1024

Ask = Callable[[str], Any]


def grade(judge: Judge, *cells: str) -> list[str]:
    """Return what each of a notebook's cells prints."""
    source = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    lesson = make_lesson(source)
    source.cells += [new_code_cell(textwrap.dedent(cell)) for cell in cells]
    report = judge.grade(lesson, source, "s")
    assert report.points == 1
    runs = [report.runs[index] for index in range(3, 3 + len(cells))]
    assert [run.error for run in runs] == [""] * len(cells)
    return ["".join(output["text"] for output in run.outputs) for run in runs]


@pytest.fixture(scope="module")
def full() -> Iterator[Judge]:
    """Return a judge with full isolation."""
    os.environ["COURSEWORK_SECRET"] = "do not tell"  # noqa: S105  (looked for, and not found)
    limits = Limits(file_bytes=FILE_BYTES, processes=16)
    with Judge(limits, b"s", isolation="full") as judge:
        yield judge
    del os.environ["COURSEWORK_SECRET"]


@pytest.fixture
def ask(full: Judge) -> Ask:
    """Return a function that evaluates an expression, or runs code that sets `found`, inside."""

    def evaluate(code: str) -> Any:
        is_expression = "\n" not in code
        body = f"found = {code}" if is_expression else textwrap.dedent(code)
        prelude = "import glob, json, os, socket, sys\n"
        return json.loads(grade(full, f"{prelude}{body}\nprint(json.dumps(found))")[0])

    return evaluate


# -- what it sees


@needs_full
def test_network_has_no_sockets(ask: Ask) -> None:
    """Beside a network of its own, which leads nowhere, it has no socket for any."""
    found = ask(
        """
        found = {}
        for family in ("AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK", "AF_VSOCK"):
            try:
                socket.socket(getattr(socket, family), socket.SOCK_DGRAM)
                found[family] = 0
            except OSError as error:
                found[family] = error.errno
        """
    )
    assert set(found.values()) == {errno.EACCES}


@needs_full
def test_proc_is_empty(ask: Ask) -> None:
    """Nothing is told of processes, mounts or the kernel."""
    assert ask("os.listdir('/proc')") == []


@needs_full
def test_root_holds_the_interpreter_and_nothing_else(ask: Ask) -> None:
    """No folder of the host is there but the system's; Python and the course lie in `/opt`."""
    system = {"bin", "dev", "etc", "lib", "lib32", "lib64", "proc", "tmp", "usr"}
    assert set(ask("os.listdir('/')")) <= {*system, "opt"}
    assert set(ask("os.listdir('/etc')")) <= {"fonts", "ld.so.cache"}
    assert set(ask("os.listdir('/opt')")) <= {"course", "environment", "packages", "python", "user"}


@needs_full
def test_course_is_not_there(ask: Ask) -> None:
    """No lesson, solution, test, submission, gradebook or configuration can be seen."""
    root = Path(__file__).parents[2]
    names = [f".venv/../{name}" for name in ("lessons", "tests", "course_config.py", ".git")]
    assert ask(f"[name for name in {names} if os.path.exists({str(root)!r} + '/' + name)]") == []
    assert ask("os.listdir('/opt/course')") == ["coursework"]
    package = set(ask("os.listdir('/opt/course/coursework')"))
    shown = ["__init__.py", "built", "check", "data.py", "ipc", "plot", "student", "texts"]
    assert sorted(package) == shown
    files = ask("[name for *_, files in os.walk('/opt/course') for name in files]")
    assert {Path(name).suffix for name in files} == {".py", ".txt"}  # no compiled file
    made = {path.name for path in (root / "coursework" / "built").glob("*.py")}
    assert set(ask("os.listdir('/opt/course/coursework/built')")) == made


@needs_full
def test_home_and_environment_are_those_of_the_sandbox(ask: Ask) -> None:
    """The home is an empty folder; no variable of the host is there but those of NumPy's kernels."""
    assert ask("os.listdir(os.path.expanduser('~'))") == []
    names = set(ask("dict(os.environ)"))
    assert not names & {"COURSEWORK_SECRET", "USER", "PYTEST_CURRENT_TEST", "VIRTUAL_ENV"}
    assert "do not tell" not in ask("repr(dict(os.environ))")


@needs_full
def test_interpreter_is_read_only(ask: Ask) -> None:
    """No file of Python, of the package or of the system can be written."""
    found = ask(
        """
        import coursework.check, numpy
        found = []
        for path in (numpy.__file__, coursework.check.__file__, os.__file__, sys.executable,
                     "/usr/bin/x", "/x", "/dev/x", "/etc/x", sys.prefix + "/x"):
            try:
                open(path, "a").close()
                found.append(path)
            except OSError:
                pass
        """
    )
    assert found == []


@needs_full
def test_tmp_is_private_and_small(full: Judge, ask: Ask) -> None:
    """A folder for files is there, empty for each notebook, with room up to the limit."""
    (printed,) = grade(full, "open('/tmp/x', 'w').close(); open('/dev/shm/x', 'w').close()\n")
    assert printed == ""
    assert ask("os.listdir('/tmp') + os.listdir('/dev/shm')") == []
    for folder in ("/tmp", "/dev/shm"):
        room = ask(f"os.statvfs({folder!r}).f_blocks * os.statvfs({folder!r}).f_frsize")
        assert room == FILE_BYTES


@needs_full
def test_descriptors_are_the_socket_and_nothing_else(ask: Ask) -> None:
    """Standard streams lead nowhere; the one other descriptor is the socket to the judge."""
    found = ask(
        """
        found = []
        for number in range(1000):
            try:
                found.append([number, os.fstat(number).st_mode & 0o170000])
            except OSError:
                pass
        """
    )
    streams = [[number, 0o020000] for number in (0, 1, 2)]
    others = [kind for number, kind in found if number > 2]
    assert found[:3] == streams
    assert others.count(0o140000) == 1
    assert set(others) <= {0o140000, 0o020000}  # sys.stdin is /dev/null, opened anew


@pytest.mark.parametrize("isolation", LEVELS)
def test_any_number_of_modules_can_be_hidden(isolation: str) -> None:
    """A course of many lessons builds more modules than a number has bits."""
    hidden = [f"module_{number}" for number in range(2000)] + ["engine"]
    code = """
for name in ("engine", "descent"):
    try:
        __import__("coursework.built." + name)
        print(name)
    except ModuleNotFoundError:
        pass
"""
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        process = judge.forkserver.spawn(lambda *_: None, lambda _: None, lambda _: None, hidden)
        process.set_deadline(60)
        outputs, error = process.ask("run", "cell", code, False)
        process.close()
    assert (error, [output["text"] for output in outputs]) == ("", ["descent\n"])


@pytest.mark.parametrize("isolation", LEVELS)
def test_module_is_hidden_from_the_lesson_that_makes_it(isolation: str) -> None:
    """What a lesson builds for later ones holds its solutions: it is not there in that lesson."""
    source = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    other = make_lesson(source)
    source.cells[1].metadata["module"] = "engine"
    maker = make_lesson(source)
    source.cells.append(new_code_cell("import coursework.built.engine"))
    path = "from coursework import built\npath = built.__path__[0] + '/engine.py'"
    source.cells.append(new_code_cell(f"{path}\nprint(len(open(path).read()))\n"))
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        hidden, shown = (judge.grade(lesson, source, "s") for lesson in (maker, other))
    assert hidden.points == shown.points == 1
    assert hidden.runs[3].error.startswith("ModuleNotFoundError")
    assert shown.runs[3].error == ""
    if judge.sandbox.is_full:
        assert hidden.runs[4].outputs[0]["text"] == "0\n"
    if judge.sandbox.level == "landlock":
        assert hidden.runs[4].error.startswith("PermissionError")
    assert shown.runs[4].outputs[0]["text"] != "0\n"


# -- who it is


@needs_full
def test_process_has_no_privileges(full: Judge, ask: Ask) -> None:
    """It is nobody, cannot become anybody, and the kernel filters its system calls."""
    assert ask("[*os.getresuid(), *os.getresgid()]") == [65534] * 6
    status = _status_of_child(full)
    if os.geteuid() == 0:
        # An ordinary user's processes stay his own outside; root's are nobody there, too.
        assert {*status["Uid"].split(), *status["Gid"].split()} == {"65534"}
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[name], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


@needs_full
def test_process_has_namespaces_of_its_own(full: Judge) -> None:
    """All are other than the host's; user, PID, mount and IPC are each child's own."""
    spaces = _with_child(full, _namespaces)
    host, child = _namespaces(os.getpid()), spaces
    for kind in ("user", "pid", "mnt", "ipc", "net", "uts"):
        assert child[kind] != host[kind]
    (forkserver,) = _forkservers(full)
    parents = _namespaces(forkserver)
    for kind in ("user", "pid", "mnt", "ipc"):
        assert child[kind] != parents[kind]


@needs_full
def test_process_sees_and_signals_itself_alone(ask: Ask) -> None:
    """It is process 1 of its own world, with no parent and nobody beside it."""
    found = ask(
        """
        found = []
        for pid in range(-1, 5000):
            try:
                os.kill(pid, 0)
                found.append(pid)
            except OSError:
                pass
        found = [os.getpid(), os.getppid(), [pid for pid in found if pid > 1]]
        """
    )
    assert found == [1, 0, []]


FAMILIES = {
    "debugging": "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise",
    "mounting": "mount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsmount",
    "namespaces": "unshare setns",
    "keys": "keyctl add_key request_key",
    "kernel programs": "bpf perf_event_open userfaultfd",
    "asynchronous input and output": "io_uring_setup io_uring_enter io_uring_register",
    "modules": "init_module finit_module delete_module kexec_load reboot",
    "hardware": "iopl ioperm swapon swapoff acct syslog vhangup quotactl",
    "clocks": "settimeofday clock_settime clock_adjtime adjtimex",
    "handles of files": "open_by_handle_at name_to_handle_at fanotify_init",
    "memory of others": "move_pages migrate_pages mbind set_mempolicy personality modify_ldt",
    "memory that no limit counts": "memfd_create memfd_secret shmget shmat msgget semget mq_open",
}


@needs_full
@pytest.mark.parametrize("names", FAMILIES.values(), ids=FAMILIES)
def test_system_calls_are_denied(ask: Ask, names: str) -> None:
    """Each call of the family fails with EPERM, before the kernel looks at its arguments."""
    numbers = [pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names.split()]
    here = [number for number in numbers if number >= 0]
    assert here
    found = ask(
        f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        found = []
        for number in {here}:
            result = libc.syscall(number, 0, 0, 0, 0, 0, 0)
            found.append([result, ctypes.get_errno()])
        """
    )
    assert found == [[-1, errno.EPERM]] * len(here)


@needs_full
def test_clone_makes_no_namespaces(ask: Ask) -> None:
    """Neither clone with a flag for namespaces nor clone3 works; fork and threads do."""
    flags = [1 << bit for bit in (17, 25, 26, 27, 28, 29, 30)]
    clone, clone3 = (
        pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in ("clone", "clone3")
    )
    found = ask(
        f"""
        import ctypes, threading
        libc = ctypes.CDLL(None, use_errno=True)
        found = []
        for flag in {flags}:
            result = libc.syscall({clone}, flag | 17, 0, 0, 0, 0)
            found.append([result, ctypes.get_errno()])
        result = libc.syscall({clone3}, 0, 0)
        found.append([result, ctypes.get_errno()])
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        """
    )
    assert found == [[-1, errno.EPERM]] * len(flags) + [[-1, errno.ENOSYS]]


# -- the forkserver


@needs_full
def test_forkserver_ends_with_the_judge() -> None:
    """A judge that is killed leaves no process behind."""
    mark = _mark()
    script = f"""
        import signal
        from coursework.ipc.limits import Limits
        from coursework.judge.judge import Judge
        judge = Judge(Limits(memory_bytes={mark}), isolation="full")
        judge.forkserver
        print("ready", flush=True)
        signal.pause()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        assert _commands_with(mark)
        process.kill()
    assert until(lambda: not _commands_with(mark))


@pytest.mark.parametrize("isolation", LEVELS)
def test_forkserver_that_died_is_replaced(isolation: str) -> None:
    """The next notebook has a new one."""
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        grade(judge)
        killed = _forkservers(judge)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: all(_has_ended(pid) for pid in killed))
        assert grade(judge, "print('well')") == ["well\n"]


@pytest.mark.parametrize("isolation", LEVELS)
def test_forkserver_that_hangs_takes_with_it_what_it_started(
    isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed alone it would leave the student's processes to run for ever."""
    monkeypatch.setattr("coursework.sandbox.forkserver_client._PATIENCE", 0.1)
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        process = judge.spawn(StandIns(lambda *_: None, {}, {}, lambda: None, 1000))
        process.set_deadline(60.0)
        cell = "import os, time\nif not os.fork():\n    os.fork()\n    time.sleep(999)"
        process.ask("run", "cell", cell, False)
        root = judge.forkserver._process.pid  # noqa: SLF001  (no judge tells it)
        (forkserver,) = _forkservers(judge)
        # Itself, the student's three and, in full isolation, one that waits for the next student.
        assert until(lambda: len(process_tree(forkserver)) == 4 + judge.sandbox.is_full)
        started = set(process_tree(forkserver))
        os.kill(forkserver, signal.SIGSTOP)
        judge.forkserver._control._sock.settimeout(0.1)  # noqa: SLF001  (nobody waits a minute here)
        process.close()
    assert until(lambda: all(_has_ended(pid) for pid in started | {root}))


def test_forkserver_killed_by_a_student_is_replaced() -> None:
    """Without a sandbox a cell can kill its parent: that costs the cell, and nothing else."""
    source = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    lesson = make_lesson(source)
    source.cells.insert(
        1, new_code_cell("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)")
    )
    with Judge(Limits(), b"s", isolation="process") as judge:
        report = judge.grade(lesson, source, "s")
    assert report.points == 1
    assert "ended its process" in report.runs[1].error


def test_forkserver_is_renewed_after_so_many_notebooks() -> None:
    """A forkserver serves a number of notebooks, then a fresh one takes over."""
    with Judge(Limits(), b"s", renew_after=2) as judge:
        forkservers = []
        for _ in range(4):
            forkservers.append(judge.forkserver)
            grade(judge)
    assert len({id(forkserver) for forkserver in forkservers}) == 2


def test_forkserver_that_has_grown_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forkserver whose memory has grown by half is replaced."""
    with Judge(Limits(), b"s") as judge:
        first = judge.forkserver
        assert judge.forkserver is first
        monkeypatch.setattr(first, "first_resident_pages", first.resident_pages // 2)
        assert judge.forkserver is not first
        assert judge.forkserver.resident_pages < 1.5 * judge.forkserver.first_resident_pages


# -- what the host can give


def test_full_isolation_is_refused_where_bubblewrap_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where "full" is demanded, nothing less is taken; the reason names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    isolation_problems.cache_clear()
    try:
        with pytest.raises(IsolationError, match="bubblewrap is not installed"):
            make_sandbox("full")
        sandbox = make_sandbox("auto")
        assert not sandbox.is_full
        assert "bubblewrap is not installed" in sandbox.missing[0]
    finally:
        isolation_problems.cache_clear()


def test_isolation_by_process_alone_grades() -> None:
    """Without a sandbox the judge still works, and says what is missing."""
    with Judge(Limits(), b"s", isolation="process") as judge:
        assert judge.sandbox.missing == ("isolation is set to 'process'",)
        assert grade(judge, "print(1)") == ["1\n"]


@pytest.mark.skipif(bool(landlock_problems()), reason="; ".join(landlock_problems()))
def test_beside_landlock_no_process_leaves_its_group() -> None:
    """All that a student has started is killed at once; a program with a session of its own runs."""
    cell = """
        import os, subprocess
        before = os.getpgid(0), os.getsid(0)
        os.setpgid(0, 0)
        ended = subprocess.run(["/bin/true"], start_new_session=True).returncode
        if not (pid := os.fork()):
            os.setsid()
            os._exit((os.getpgid(0), os.getsid(0)) != before)
        print(ended, os.waitpid(pid, 0)[1])
    """
    with Judge(Limits(), b"s", isolation="landlock") as judge:
        assert grade(judge, cell) == ["0 0\n"]


def test_isolation_by_process_leaves_no_orphans() -> None:
    """What a student's process has started ends with it, in whatever session it runs."""
    mark = _mark()
    escape = f"""
        import subprocess
        left = subprocess.Popen(["/bin/sleep", "{mark}"], start_new_session=True)
    """
    with Judge(Limits(), b"s", isolation="process") as judge:
        grade(judge, escape)
        assert until(lambda: not _commands_with(mark))


def _status_of_child(judge: Judge) -> dict[str, str]:
    def read(pid: int) -> dict[str, str]:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    return _with_child(judge, read)


def _with_child(judge: Judge, look: Callable[[int], Any]) -> Any:
    """Look at a student's process from outside."""
    sock = judge.forkserver.spawn(*[lambda *_: None] * 3)
    try:
        sock.set_deadline(60)
        sock.ask("forget")  # it has come through its preparations
        judge.forkserver.settle()  # the last one is gone
        (forkserver,) = _forkservers(judge)
        child, *_ = _children(forkserver)  # after it, the next one waits already
        return look(child)
    finally:
        sock.close()


def _forkservers(judge: Judge) -> list[int]:
    """Return the forkserver: the lowest process of those that the judge has started."""
    pid = judge.forkserver._process.pid  # noqa: SLF001  (no judge tells it)
    while "coursework.student.forkserver" not in _command(pid).split("\0")[:3]:
        (pid,) = _children(pid)
    return [pid]


def _has_ended(pid: int) -> bool:
    return status_of(pid).get("State", "Z").strip()[0] in "ZX"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _namespaces(pid: int) -> dict[str, str]:
    return {path.name: str(path.readlink()) for path in Path(f"/proc/{pid}/ns").iterdir()}


def _mark() -> str:
    """Return a number for command lines, by which they are told from those of other tests."""
    return str(10**9 + secrets.randbelow(10**9))


def _commands_with(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_text())
        except OSError:
            continue
    return [command for command in found if text in command]


def test_limits_are_those_of_the_configuration() -> None:
    """What `set_limits` sets can be read back; none is above the host's."""
    limits = Limits(open_files=100)
    pid = os.fork()
    if not pid:
        import resource  # noqa: PLC0415  (in the child alone)

        set_limits(limits)
        os._exit(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 100
