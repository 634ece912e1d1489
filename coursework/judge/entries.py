"""Which entries of a container are after a call the same objects as before.

This module runs in the student's process. A list whose entries a call replaces is not one whose
entries it changes: whoever else has the old ones sees no difference.
"""

from typing import Any

__all__ = ["entries_of", "kept_entries"]


def entries_of(value: Any) -> Any:
    """Return the entries of lists and dicts, each with its own entries; None of anything else."""
    if type(value) is list:
        return [(one, entries_of(one)) for one in value]
    if type(value) is dict:
        return {key: (one, entries_of(one)) for key, one in value.items()}
    return None


def kept_entries(before: Any, value: Any) -> Any:
    """Compare with what `entries_of` has returned before.

    Returns
    -------
    list, dict or None
        For each entry False where it is another object, else True, or the same of its own
        entries where it has any; None where the value has no entries.
    """
    if isinstance(before, list) and type(value) is list:
        return [i < len(before) and _is_kept(before[i], one) for i, one in enumerate(value)]
    if isinstance(before, dict) and type(value) is dict:
        return {key: key in before and _is_kept(before[key], one) for key, one in value.items()}
    return None


def _is_kept(before: tuple[Any, Any], value: Any) -> Any:
    same, entries = before
    if same is not value:
        return False
    return True if entries is None else kept_entries(entries, value)
