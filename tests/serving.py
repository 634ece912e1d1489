"""A Jupyter server as people start it: `serving.py COMMAND ...` starts one, opens a page, ends it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

__all__ = ["Server", "serving"]

_SECONDS = 240


class Server:
    """A running server, as a browser that has its token sees it."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._cookies = CookieJar()
        handler = urllib.request.HTTPCookieProcessor(self._cookies)
        self._browser = urllib.request.build_opener(handler)

    def link(self, path: str) -> str:
        """Return the address of a page, for a browser that has no token yet."""
        return f"{self._url}{path}?token={self._token}"

    def get(self, path: str) -> tuple[int, str]:
        """Open a page; return its status and text."""
        return self._ask(urllib.request.Request(f"{self._url}{path}"))  # noqa: S310

    def send(self, method: str, path: str, data: Any = None) -> Any:
        """Do what a page's script does; return the answer."""
        body = json.dumps(data).encode()
        request = urllib.request.Request(f"{self._url}{path}", body, method=method)  # noqa: S310
        tokens = [cookie.value for cookie in self._cookies if cookie.name == "_xsrf"]
        request.add_header("X-XSRFToken", tokens[0] if tokens else "")
        status, text = self._ask(request)
        assert status == 200, text
        return json.loads(text)

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        request.add_header("Authorization", f"token {self._token}")
        try:
            with self._browser.open(request, timeout=_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def serving(command: list[str], cwd: Path, environment: dict[str, str]) -> Iterator[Server]:
    """Start a Jupyter server by a command; end it and all that it started."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**environment, "JUPYTER_RUNTIME_DIR": folder},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            server = _started(process, Path(folder))
            if server is None:
                log.seek(0)
                raise AssertionError(log.read())
            yield server
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _started(process: subprocess.Popen, folder: Path) -> Server | None:
    """Return the server as soon as it answers; None if it ended instead."""
    deadline = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        for path in folder.glob("jpserver-*.json"):
            try:
                about = json.loads(path.read_text())
                server = Server(about["url"], about["token"])
                if server.get("api/status")[0] == 200:
                    return server
            except (ValueError, OSError):  # the file is being written, or nothing listens yet
                continue
        time.sleep(0.1)
    return None


def main() -> None:
    """Start the server, open its first page, and end it."""
    with serving(sys.argv[1:], Path.cwd(), dict(os.environ)) as server:
        status, page = server.get("lab")
    if status != 200 or "JupyterLab" not in page:
        sys.exit(f"status {status}: {page[:500]}")


if __name__ == "__main__":
    main()
