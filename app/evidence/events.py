"""What happens to a photograph once the workers have it."""

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class PhotoRead(Event):
    """A photo's EXIF was read and its pictures stand; its hazard may now be located better."""

    photo_id: int
    hazard_id: int


@dataclass(frozen=True)
class PhotoQuarantined(Event):
    """A photo cannot be decoded; the hazard lives on."""

    photo_id: int
    hazard_id: int


@dataclass(frozen=True)
class OriginalReplaced(Event):
    """An anonymous photo's original gave way to a copy without metadata; `key` may be removed from the store."""

    photo_id: int
    key: str


@dataclass(frozen=True)
class PhotoLeftBehind(Event):
    """A photo waits and no errand speaks of it any more: it is taken up again."""

    photo_id: int
