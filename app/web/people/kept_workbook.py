"""The uploaded workbook between its dry run and its import: in the store under its SHA-256, and a token for it.

No row speaks of it, so the sweep of orphans removes it within a day or two, if the import has not done so before.
"""

import hashlib
from typing import Final

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from app.core.errors import Fault, Invalid, OutOfSpace, Unavailable
from app.edge.entrance import actor, runtime
from app.web.people.workbook_file import BYTES_MOST
from storage.object_store import ObjectMissing, StoreError, StoreFull

KEPT_SECONDS: Final = 24 * 3600


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept-workbook")


def keep_workbook(content: bytes) -> str:
    """Keep the bytes; the token opens them for this person, for a day.

    Raises:
        Unavailable: the store cannot take them.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        writing = runtime().store.begin()
        try:
            writing.write(content)
            writing.keep(sha256)
        finally:
            writing.discard()
    except StoreFull as error:
        raise OutOfSpace from error
    except StoreError as error:
        raise Unavailable from error
    return str(_signer().dumps({"a": actor().account_id, "h": sha256}))


def kept_workbook(token: str) -> bytes:
    """The same bytes again.

    Raises:
        Invalid: the token is forged, old or another person's, or the bytes are gone: upload once more.
        Unavailable: the store cannot be read.
    """
    try:
        told = _signer().loads(token, max_age=KEPT_SECONDS)
    except BadData:
        told = {}
    if told.get("a") != actor().account_id:
        raise Invalid(Fault("workbook", "workbook_again"))
    try:
        with runtime().store.open(told["h"]) as kept:
            content = kept.read(BYTES_MOST + 1)
    except ObjectMissing as error:
        raise Invalid(Fault("workbook", "workbook_again")) from error
    except StoreError as error:
        raise Unavailable from error
    if hashlib.sha256(content).hexdigest() != told["h"]:
        raise Invalid(Fault("workbook", "workbook_again"))
    return content
