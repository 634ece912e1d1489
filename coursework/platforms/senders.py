"""Which row of a class list a sender is."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from unicodedata import normalize

from coursework.gradebook.totals import Person
from coursework.platforms.deliveries import Sender
from coursework.platforms.roster import Listed, name_key

__all__ = ["as_listed", "recognised"]

_NOBODY = (
    "nobody in the class list or the gradebook has this number, id or name: "
    "give a list that has it (--roster)"
)
_SEVERAL = "several people, or several submissions, have this name or number"
_UNSURE = (
    "its name can be read in two ways, and the name of user {} in the class list is another: "
    "put it by hand where it belongs"
)


def as_listed(person: Person) -> Listed:
    """Return what the gradebook knows about a person, as a row of a list."""
    return Listed(
        -1,
        student_id=person.id,
        lms_id=person.lms_user_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
    )


def recognised(
    senders: Iterable[Sender], listed: Iterable[Listed], style: str
) -> tuple[dict[Sender, Listed], dict[Sender, str]]:
    """Return who the senders are, and why the others could not be recognised.

    The platform's number goes first; a name counts only if one sender and one row have it.

    Parameters
    ----------
    senders : iterable of Sender
    listed : iterable of Listed
    style : str
        That of the download, one of `deliveries.STYLES`.
    """
    left, rows = list(dict.fromkeys(senders)), list(listed)
    found: dict[Sender, Listed] = {}
    reasons: dict[Sender, str] = {}
    for number, (of_sender, of_row) in enumerate(_RULES[style], start=1):
        is_name = number == len(_RULES[style])
        by_key = _grouped((of_row(one), one) for one in rows)
        alike = Counter(map(of_sender, left))
        taken = set(found.values())
        for sender in [one for one in left if one not in found and one not in reasons]:
            key = of_sender(sender)
            those = by_key.get(key, []) if key else []
            if len(those) > 1 or (those and is_name and (alike[key] > 1 or those[0] in taken)):
                reasons[sender] = _SEVERAL
            elif those:
                found[sender] = those[0]
    for sender in left:
        if sender not in found:
            reasons.setdefault(sender, _NOBODY)
        elif not sender.is_sure and _squeezed(found[sender]) != sender.name:
            reasons[sender] = _UNSURE.format(sender.id)
            del found[sender]
    return found, reasons


def _grouped(pairs: Iterable[tuple[Hashable, Listed]]) -> dict[Hashable, list[Listed]]:
    found: dict[Hashable, list[Listed]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def _squeezed(one: Listed) -> str:
    """Return a name as Canvas writes it into file names."""
    words = one.full_name if "," in one.full_name else ""
    name = words or f"{one.last_name}{one.first_name}" or one.full_name
    return re.sub(r"\W", "", normalize("NFC", name)).lower()


# Keys of a sender and of a row, the surest first and the name last. A row with the platform's own
# number can match no other sender, whatever its name.
_Rule = tuple[Callable[[Sender], Hashable], Callable[[Listed], Hashable]]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "canvas": (
        (lambda sender: sender.id, lambda one: one.lms_id),
        (lambda sender: sender.name, lambda one: "" if one.lms_id else _squeezed(one)),
    ),
    "moodle": (
        (lambda sender: sender.id, lambda one: one.participant),
        (
            lambda sender: name_key(sender.name),
            lambda one: () if one.participant else name_key(one.name),
        ),
    ),
    "folder": (
        (lambda sender: sender.id, lambda one: one.student_id),
        (lambda sender: sender.id, lambda one: one.login),
        (lambda sender: sender.id, lambda one: one.number),
        (lambda sender: sender.id.casefold(), lambda one: one.email.casefold()),
        (lambda sender: name_key(sender.name), lambda one: name_key(one.name)),
    ),
}
