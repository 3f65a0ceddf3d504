"""The secret of a reporter without a name: made once, kept only as a salted hash, it lets one follow and claim."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.db import Database
from app.core.errors import NotFound
from app.core.outbox import record
from app.hazards.case import Case, facts_of
from app.hazards.events import PointsClaimed
from app.hazards.models import HazardRow
from app.hazards.policy import Standing, View
from app.units.queries import unit_by_id

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that a gloved hand writing it down could mistake: no 0 O 1 I L."""
CODE_LETTERS: Final = 12
CLAIM_HASH: Final = re.compile(r"(scrypt|sha256):([0-9a-f]{32,64}):([0-9a-f]{64})")
"""How `claim_hash` is written: method, salt and digest in hex. A phone's own secret has at least 128 random bits,
so SHA-256 over salt and secret will do; our twelve letters have 59, so scrypt makes each guess dear."""


def make_code() -> tuple[str, str]:
    """A fresh code for paper and memory (XXXX-XXXX-XXXX), and the `claim_hash` to keep of it."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    salt = secrets.token_bytes(16)
    code = "-".join(letters[i : i + 4] for i in range(0, CODE_LETTERS, 4))
    return code, f"scrypt:{salt.hex()}:{_digest('scrypt', salt, letters)}"


def _digest(method: str, salt: bytes, secret: str) -> str:
    if method == "scrypt":
        return hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
    return hashlib.sha256(salt + secret.encode()).hexdigest()


def opens(claim_hash: str | None, secret: str) -> bool:
    """Whether this is the secret behind the hash; hyphens, spaces and case of our own codes do not matter."""
    match = CLAIM_HASH.fullmatch(claim_hash or "")
    if match is None:
        return False
    method, salt, digest = match.groups()
    said = re.sub(r"[\s-]", "", secret).upper() if method == "scrypt" else secret
    return hmac.compare_digest(_digest(method, bytes.fromhex(salt), said), digest)


def _find(session: Session, number: str, secret: str) -> HazardRow:
    hazard = session.execute(
        select(HazardRow).where(HazardRow.number == number, or_(HazardRow.anonymous, HazardRow.guest))
    ).scalar_one_or_none()
    if hazard is None or not opens(hazard.claim_hash, secret):
        raise NotFound
    return hazard


def followed_case(session: Session, number: str, secret: str) -> Case:
    """An anonymous or a guest's hazard as its reporter may see it: like the own one, without moves.

    Raises:
        NotFound: no such hazard, reported with a name, or another secret: one answer.
    """
    hazard = _find(session, number, secret)
    unit = unit_by_id(session, hazard.unit_id)
    return Case(hazard, unit, facts_of(session, hazard, unit), Standing(), View.OWN)


def claim_points(number: str, secret: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Give up namelessness towards the ledger: the hazard's points go to this account, once.

    Raises:
        NotFound: no such hazard, another secret, or claimed already.
    """
    with db.write() as session:
        hazard = _find(session, number, secret)
        claimed = session.execute(
            update(HazardRow)
            .where(HazardRow.id == hazard.id, HazardRow.claimed_by_id.is_(None))
            .values(claimed_by_id=by.account_id)
            .returning(HazardRow.id)
        ).scalar_one_or_none()
        if claimed is None:
            raise NotFound
        record(session, PointsClaimed(hazard.id, hazard.version), at=at)
