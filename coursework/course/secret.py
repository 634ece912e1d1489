"""The course's secret, which seeds the random inputs of tests."""

import os
import secrets
import tempfile
from pathlib import Path

from coursework.errors import ConfigError

__all__ = ["FILE_NAME", "read_secret"]

FILE_NAME = ".coursework-secret"
_N_BYTES = 32


def read_secret(root: Path) -> bytes:
    """Return the secret of the course at `root`, made at first use.

    Anyone who knows it can predict the inputs of hidden tests, so only the owner may read the
    file and Git ignores it. Marks are repeatable as long as it stays the same.

    Raises
    ------
    ConfigError
        The file cannot be made or read, or holds no secret.
    """
    path = root / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be used: {error}; restore it, or remove it to get a new one"
        raise ConfigError(msg) from error
    if len(secret) < _N_BYTES:
        msg = f"{path} is too short: restore it, or remove it to get a new one"
        raise ConfigError(msg)
    return secret


def _make(path: Path) -> None:
    """Write a new secret; if several processes do so at once, the first one stays."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=FILE_NAME)  # with mode 600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_N_BYTES) + "\n")
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
