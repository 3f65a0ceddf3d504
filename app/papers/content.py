"""What a paper says: frozen values made when it is issued, kept as JSON, shown and printed from that alone."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

from app.papers.models import PaperKind

LARGE_PICTURES_MOST: Final = 48
"""Up to so many photos a paper shows the large pictures; beyond, thumbnails: 200 hazards stay a few megabytes."""


class Result(StrEnum):
    """What a re-inspection opinion says of one hazard of its notice."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    AWAITED = "awaited"
    OTHERWISE = "otherwise"


@dataclass(frozen=True)
class Shot:
    """One photo: the keys of its two pictures, and which side of the repair it shows."""

    stage: str
    display: str
    thumb: str


@dataclass(frozen=True)
class Item:
    """One hazard as the paper tells it; every text as it is printed, empty where there is nothing to say."""

    n: int
    number: str
    found: str
    place: str
    problem: str
    category: str
    is_major: bool
    basis: str
    measures: str
    deadline: str
    rectifier: str
    shots: tuple[Shot, ...] = ()
    photos_left_out: int = 0
    result: Result | None = None
    done: str = ""
    said: str = ""
    decided: str = ""

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The item read back."""
        shots = tuple(Shot(**shot) for shot in kept["shots"])
        result = Result(kept["result"]) if kept["result"] else None
        return cls(**{**kept, "shots": shots, "result": result})


@dataclass(frozen=True)
class Content:
    """One paper. `answers` and `answers_day` name the notice that an opinion answers."""

    kind: PaperKind
    number: str
    issuer: str
    unit: str
    place: str
    found: str
    requirement: str
    deadline: str
    rectifier: str
    reinspection: str
    inspectors: tuple[str, str]
    issued: str
    items: tuple[Item, ...]
    answers: str = ""
    answers_day: str = ""

    @property
    def majors(self) -> int:
        """How many of the hazards are major."""
        return sum(item.is_major for item in self.items)

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Every photo, in the order of the paper."""
        return tuple(shot for item in self.items for shot in item.shots)

    def counted(self, *results: Result) -> tuple[Item, ...]:
        """The items with one of these results."""
        return tuple(item for item in self.items if item.result in results)

    def picture_keys(self) -> tuple[str, ...]:
        """The object of each photo as this paper shows it: large while they are few."""
        is_large = len(self.shots) <= LARGE_PICTURES_MOST
        return tuple(shot.display if is_large else shot.thumb for shot in self.shots)

    def as_json(self) -> dict[str, Any]:
        """The content as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The content read back."""
        items = tuple(Item.from_json(item) for item in kept["items"])
        first, second = kept["inspectors"]
        return cls(
            **{**kept, "kind": PaperKind(kept["kind"]), "inspectors": (first, second), "items": items},
        )
