"""How units, places and areas are named: what a code and a name may look like. Pure."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count
from typing import Final

from app.core.errors import Fault

CODE_LONGEST: Final = 32
NAME_LONGEST: Final = 60
"""In characters: a name has to fit on a QR label."""
PREFIX_LONGEST: Final = CODE_LONGEST - len("-P00000")
"""What of a unit's code fits before a made number."""
_CODE: Final = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def written_code(typed: str) -> str:
    """The code as it is kept: capitals, half width, without space around; it goes into addresses and QR codes."""
    return unicodedata.normalize("NFKC", typed).strip().upper()


def written_name(typed: str) -> str:
    """The name as it is kept: runs of space become one."""
    return " ".join(unicodedata.normalize("NFC", typed).split())


def faults_of_code(code: str, *, field: str = "code") -> list[Fault]:
    """What is wrong with a written code: letters, digits and single hyphens between them."""
    if not code:
        return [Fault(field, "required")]
    if len(code) > CODE_LONGEST or not _CODE.fullmatch(code):
        return [Fault(field, "not_a_code", {"limit": CODE_LONGEST})]
    return []


def faults_of_name(name: str, *, field: str = "name") -> list[Fault]:
    """What is wrong with a written name."""
    if not name:
        return [Fault(field, "required")]
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        return [Fault(field, "control_characters")]
    if len(name) > NAME_LONGEST:
        return [Fault(field, "too_long", {"limit": NAME_LONGEST})]
    return []


def next_code(prefix: str, taken: Collection[str], *, letter: str = "") -> str:
    """The first free code "PREFIX-01", "PREFIX-02", … with a letter before the number if one is given.

    A long prefix is cut so that the number still fits.
    """
    head = prefix[:PREFIX_LONGEST].rstrip("-")
    return next(code for n in count(1) if (code := f"{head}-{letter}{n:02d}") not in taken)
