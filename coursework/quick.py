"""What makes commands start sooner."""

import sys

__all__ = ["skip_grammars"]


def skip_grammars() -> None:
    """Let nbformat's validator do without grammars of addresses, which no notebook needs.

    To compile them takes as long as all else that is imported; where their module is missing,
    the validator leaves them out.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
