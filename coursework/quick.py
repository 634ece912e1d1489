"""What makes commands start sooner."""

import sys

__all__ = ["skip_grammars"]


def skip_grammars() -> None:
    """Let nbformat's validator do without its grammars of addresses, which no notebook needs.

    Compiling them takes as long as all other imports; if their module is missing, the validator
    leaves them out.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
