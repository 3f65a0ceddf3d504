"""Whether the store has every object that a row names, bit for bit."""

from collections.abc import Iterator, Sequence

from app.keeping.archive import sha256_of
from app.keeping.finding import Finding
from app.keeping.naming import is_missed, keys_after, who_names
from app.keeping.patience import PAUSES, opened_patiently
from app.runtime import Runtime
from storage.object_store import ObjectDamaged, ObjectMissing, ObjectStore


def check_objects(means: Runtime, *, pauses: Sequence[float] = PAUSES) -> Iterator[Finding | None]:
    """Each key once, by its SHA-256. Keys are read page by page, so that no snapshot stays open for hours.

    A store that does not answer is asked again after each of the pauses (seconds).

    Raises:
        StoreError, Unavailable: cannot be looked at now, which is no finding.
    """
    last = ""
    while True:
        with means.db.read() as session:
            keys = keys_after(session, last)
        if not keys:
            return
        for key in keys:
            fault = _fault_of(key, store=means.store, pauses=pauses)
            yield None if fault is None else _found(key, fault, means=means)
        last = keys[-1]


def _fault_of(key: str, *, store: ObjectStore, pauses: Sequence[float]) -> str | None:
    try:
        with opened_patiently(store, key, pauses=pauses) as stream:
            return None if sha256_of(stream)[0] == key else "altered"
    except ObjectDamaged:
        return "altered"
    except (ObjectMissing, ValueError):  # what is no key at all names nothing either
        return "missing"


def _found(key: str, fault: str, *, means: Runtime) -> Finding | None:
    """The rows are asked again: one may have let go of the object while we were on our way to it."""
    with means.db.read() as session:
        named = ", ".join(who_names(session, key))
        is_known = not is_missed(session, key)
    if not named:
        return None
    if fault == "missing" and is_known:
        return Finding(f"{named}: missing, as the ticket has said since the photo was set apart", is_fault=False)
    return Finding(f"{named}: {fault} (object {key})")
