"""How people are called and how they sign in: what a name and a login may look like. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import count
from typing import Final

from app.core.errors import Fault

LOGIN_SHORTEST: Final = 2
LOGIN_LONGEST: Final = 40
NAME_LONGEST: Final = 40
_LOGIN: Final = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def written_login(typed: str) -> str:
    """The login as it is kept: small letters, half width, without space around."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def faults_of_login(login: str) -> list[Fault]:
    """What is wrong with a written login: small letters and digits, dots, lines and hyphens between them."""
    if not LOGIN_SHORTEST <= len(login) <= LOGIN_LONGEST or not _LOGIN.fullmatch(login):
        return [Fault("login", "not_a_login", {"least": LOGIN_SHORTEST, "limit": LOGIN_LONGEST})]
    return []


def written_person(typed: str) -> str:
    """A person's name as it is kept: runs of space become one."""
    return " ".join(unicodedata.normalize("NFC", typed).split())


def faults_of_person(name: str) -> list[Fault]:
    """What is wrong with a written name."""
    if not name:
        return [Fault("name", "required")]
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        return [Fault("name", "control_characters")]
    return [Fault("name", "too_long", {"limit": NAME_LONGEST})] if len(name) > NAME_LONGEST else []


def made_logins(prefix: str, taken: Collection[str]) -> Iterator[str]:
    """The free logins "hbjx3-001", "hbjx3-002", … made from a unit's code."""
    head = login_head(prefix)
    return (login for n in count(1) if (login := f"{head}-{n:03d}") not in taken)


def login_head(prefix: str) -> str:
    """What the logins made for a unit begin with: the small letters and digits of its code."""
    return re.sub(r"[^a-z0-9]", "", prefix.lower())[:24] or "u"
