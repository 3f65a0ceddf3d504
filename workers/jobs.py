"""The jobs, each repeatable: ids in, reread, skip what is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from app.competition.ledger import post_awards, reverse_awards
from app.core.errors import Unavailable
from app.core.outbox import Errand
from app.evidence.causes import Cause
from app.evidence.reading import keep_reading, pending_photo, quarantine, remove_replaced_original
from app.hazards.relocation import locate_and_route, zone_of
from app.notifications.telling import tell
from app.runtime import Runtime
from storage.object_store import ObjectDamaged, ObjectMissing, StoreError
from workers.decoder import ChildKilled, Decoder, DecoderUnavailable, Undecodable
from workers.papers import fill_export, give_up_export, give_up_print, print_issued

CRASHES_MOST: Final = 2
"""A photo that took its worker with it this often is set apart (architecture.md, decision 1)."""
KILLS_MOST: Final = 3
"""Tries of a photo whose child is killed each time, or that waited for other reasons before."""
DAMAGED_MOST: Final = 3
"""Tries of a photo whose original comes as other bytes each time."""
DESERVES_ANOTHER_TRY: Final = (Unavailable, StoreError, DecoderUnavailable, OperationalError)
"""The machine's faults, not the errand's."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tools:
    """What a job works with."""

    runtime: Runtime
    decoder: Decoder


def process_photo(tools: Tools, errand: Errand) -> None:
    """Decode in the jailed child, keep EXIF witness and pictures; or quarantine with the cause.

    Repeatable: pictures are kept under their own hash, and only a pending photo is settled.
    """
    runtime = tools.runtime
    photo = pending_photo(errand.subject, db=runtime.db)
    if photo is None:
        return
    if errand.crashes >= CRASHES_MOST:
        quarantine(photo, Cause.CRASHED, at=runtime.now(), db=runtime.db)
        return
    zone = zone_of(photo.hazard_id, db=runtime.db)
    try:
        with runtime.store.open(photo.key) as original:
            decoded = tools.decoder.decode(original, fmt=photo.format, clean=photo.unnamed)
    except ObjectMissing:
        _log.error("original_missing", photo=photo.id)  # the trace says nothing more
        quarantine(photo, Cause.MISSING, at=runtime.now(), db=runtime.db)
        return
    except ObjectDamaged:
        # On the way once; in the store itself, and no number of tries will bring the bytes back.
        if errand.attempt < DAMAGED_MOST:
            raise
        _log.error("original_altered", photo=photo.id)
        quarantine(photo, Cause.ALTERED, at=runtime.now(), db=runtime.db)
        return
    except ChildKilled:
        # Short of memory once is the machine's fault; again and again, and this photo is too much for it.
        if errand.attempt < KILLS_MOST:
            raise
        quarantine(photo, Cause.OUT_OF_MEMORY, at=runtime.now(), db=runtime.db)
        return
    except Undecodable as refusal:
        _log.info("photo_quarantined", photo=photo.id, cause=refusal.cause)
        quarantine(photo, refusal.cause, at=runtime.now(), db=runtime.db)
        return
    keep_reading(photo, decoded, zone=zone, at=runtime.now(), store=runtime.store, db=runtime.db)


def relocate(tools: Tools, errand: Errand) -> None:
    """Route again if the EXIF made the location better and nobody has acted; see `locate_and_route`."""
    settings = tools.runtime.settings
    locate_and_route(
        errand.subject, at=tools.runtime.now(), db=tools.runtime.db, near_m=settings.nearest_place_metres
    )


def award(tools: Tools, errand: Errand) -> None:
    """Post the points an event is worth; one entry per event and rule, for ever."""
    post_awards(errand.event_id, at=tools.runtime.now(), db=tools.runtime.db)


def take_back(tools: Tools, errand: Errand) -> None:
    """Reverse what was posted for a hazard that is voided or merged; each entry once."""
    reverse_awards(errand.event_id, at=tools.runtime.now(), db=tools.runtime.db)


def remove_original(tools: Tools, errand: Errand) -> None:
    """Remove an anonymous photo's first original; gone is gone."""
    runtime = tools.runtime
    remove_replaced_original(errand.event_id, at=runtime.now(), store=runtime.store, db=runtime.db)


def tell_people(tools: Tools, errand: Errand) -> None:
    """Make the messages of an event and what carries them; each person, and each group, once for each event."""
    runtime = tools.runtime
    tell(errand.event_id, at=runtime.now(), mails=bool(runtime.settings.smtp_url), db=runtime.db)


def print_paper(tools: Tools, errand: Errand) -> None:
    """Make the PDF of an issued paper in a bounded child; see `print_issued`."""
    if errand.crashes >= CRASHES_MOST:
        give_up_print(errand.subject, means=tools.runtime)
        return
    print_issued(errand.subject, means=tools.runtime)


def export_register(tools: Tools, errand: Errand) -> None:
    """Write the register as the file somebody asked for; see `fill_export`."""
    if errand.crashes >= CRASHES_MOST:
        give_up_export(errand.subject, means=tools.runtime)
        return
    fill_export(errand.subject, means=tools.runtime)


def give_up(tools: Tools, errand: Errand) -> None:
    """What a person sees when a job has failed for good: at the photo, the paper, the export; else on /healthz."""
    match errand.job:
        case "process_photo":
            photo = pending_photo(errand.subject, db=tools.runtime.db)
            if photo is not None:
                quarantine(photo, Cause.CRASHED, at=tools.runtime.now(), db=tools.runtime.db)
        case "print_paper":
            give_up_print(errand.subject, means=tools.runtime)
        case "export_register":
            give_up_export(errand.subject, means=tools.runtime)


JOBS: Final[Mapping[str, Callable[[Tools, Errand], None]]] = MappingProxyType(
    {
        "process_photo": process_photo,
        "locate_and_route": relocate,
        "post_awards": award,
        "reverse_awards": take_back,
        "remove_replaced_original": remove_original,
        "print_paper": print_paper,
        "export_register": export_register,
        "tell": tell_people,
    }
)
