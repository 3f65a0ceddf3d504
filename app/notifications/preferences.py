"""What each person chose: language, e-mail address, what comes by e-mail, and the daily digest."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.db import Database
from app.core.errors import Fault, Invalid, TooMany
from app.notifications.kinds import Topic
from app.notifications.language import CHINESE, LANGUAGES
from app.notifications.mail import is_address
from app.notifications.models import PreferenceRow

DIGEST_HOUR: Final = 8
CODE_DIGITS: Final = 8
CODE_LASTS: Final = timedelta(hours=1)
CODE_TRIES: Final = 5
CODE_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Preference:
    """What holds for one person; `waiting_for_code` is an address that has not answered yet."""

    language: str = CHINESE
    email: str = ""
    confirmed: bool = False
    waiting_for_code: bool = False
    silent: frozenset[Topic] = frozenset()
    digest: bool = True
    digest_hour: int = DIGEST_HOUR


def preference_of(session: Session, account_id: int, *, at: datetime) -> Preference:
    """What the person chose, or what holds for everybody who did not choose."""
    row = session.get(PreferenceRow, account_id)
    if row is None:
        return Preference()
    known = {topic.value for topic in Topic}
    return Preference(
        language=row.language,
        email=row.email or "",
        confirmed=row.email_confirmed_at is not None,
        waiting_for_code=row.code_hash is not None and row.code_until is not None and row.code_until > at,
        silent=frozenset(Topic(topic) for topic in row.silent_topics if topic in known),
        digest=row.digest,
        digest_hour=row.digest_hour,
    )


def choose(
    *, by: Actor, language: str, heard: Collection[str], digest: bool, digest_hour: int, at: datetime, db: Database
) -> None:
    """Set language, the topics that come by e-mail (`heard`), and the digest with its hour in the unit's zone.

    Raises:
        Invalid: an unknown language or hour.
    """
    if language not in LANGUAGES:
        raise Invalid(Fault("language", "not_a_choice"))
    if not 0 <= digest_hour <= 23:  # noqa: PLR2004  # hours of a day
        raise Invalid(Fault("digest_hour", "not_a_choice"))
    with db.write() as session:
        row = _row(session, by, at=at)
        row.language = language
        row.silent_topics = sorted(topic for topic in Topic if topic not in heard)
        row.digest, row.digest_hour, row.set_at = digest, digest_hour, at


def name_address(email: str, *, by: Actor, at: datetime, db: Database) -> str:
    """Set the address, unconfirmed; returns the code to send there, known to nobody else.

    An address that somebody mistyped must not hear of hazards: so nothing else is sent before the code came back.

    Raises:
        Invalid: it cannot be an address.
        TooMany: a code was sent less than a minute ago.
    """
    if not is_address(email):
        raise Invalid(Fault("email", "not_an_address"))
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    with db.write() as session:
        row = _row(session, by, at=at)
        if row.code_until is not None and abs(at + CODE_LASTS - row.code_until) < CODE_PAUSE:
            # Otherwise this page would send letters to strangers, as many as somebody likes.
            raise TooMany(int(CODE_PAUSE.total_seconds()))
        row.email, row.email_confirmed_at = email, None
        row.code_hash, row.code_until, row.code_tries = _hashed(code, by), at + CODE_LASTS, 0
        row.set_at = at
    return code


def confirm_address(code: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Confirm the address with the code that was sent there; five tries within an hour.

    Raises:
        Invalid: another code, too late, or tried too often.
    """
    with db.write() as session:
        row = _row(session, by, at=at)
        open_still = row.code_until is not None and row.code_until > at and row.code_tries < CODE_TRIES
        right = open_still and hmac.compare_digest(row.code_hash or "", _hashed(code.strip(), by))
        row.code_tries += 1
        if right:
            row.email_confirmed_at, row.code_hash, row.code_until = at, None, None
    # Outside: a wrong try is counted, not rolled back.
    if not right:
        raise Invalid(Fault("code", "wrong_code"))


def forget_address(*, by: Actor, at: datetime, db: Database) -> None:
    """No e-mail any more; until when the last code holds stays known, or the pause between letters would end."""
    with db.write() as session:
        row = _row(session, by, at=at)
        row.email = row.email_confirmed_at = row.code_hash = None
        row.set_at = at


def _hashed(code: str, by: Actor) -> str:
    """Eight digits are few: what keeps them is the five tries and the hour, not the hash."""
    return hashlib.sha256(f"{by.account_id}:{code}".encode()).hexdigest()


def _row(session: Session, by: Actor, *, at: datetime) -> PreferenceRow:
    row = session.get(PreferenceRow, by.account_id)
    if row is None:
        default = Preference()
        row = PreferenceRow(
            account_id=by.account_id,
            language=default.language,
            code_tries=0,
            silent_topics=[],
            digest=default.digest,
            digest_hour=default.digest_hour,
            set_at=at,
        )
        session.add(row)
        session.flush()
    return row
