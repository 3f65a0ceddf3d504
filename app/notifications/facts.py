"""The facts a message is worded from: what anybody of the unit may know, and what only the addressee may."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class PublicFacts:
    """What a group may be told: no person, no position, no free text (domain.md §12).

    `deadline` is an aware instant in the unit's own zone; `waiting` counts a digest's groups by their name.
    """

    number: str = ""
    category: str = ""
    place: str = ""
    unit: str = ""
    state: str = ""
    major: bool = False
    deadline: datetime | None = None
    master: str = ""
    waiting: Mapping[str, int] = field(default_factory=dict)

    def as_values(self) -> dict[str, Any]:
        """The facts, JSON-able."""
        told = asdict(self)
        return told | {"deadline": self.deadline.isoformat() if self.deadline else None}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "PublicFacts":
        """The inverse of `as_values`; what a later version added is left out."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        deadline = known.get("deadline")
        return cls(**known | {"deadline": datetime.fromisoformat(deadline) if deadline else None})


@dataclass(frozen=True)
class PrivateFacts:
    """What only the addressee reads: what was said with the act, and where it is in the reporter's words.

    `reason` is the code of a refusal; `until` is an aware instant in the unit's zone, told to its reporter alone.
    """

    said: str = ""
    where: str = ""
    reason: str = ""
    until: datetime | None = None

    def as_values(self) -> dict[str, Any]:
        """The facts, JSON-able."""
        return asdict(self) | {"until": self.until.isoformat() if self.until else None}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "PrivateFacts":
        """The inverse of `as_values`; a message from before a fact was told is read without it."""
        until = values.get("until")
        return cls(
            said=str(values.get("said") or ""),
            where=str(values.get("where") or ""),
            reason=str(values.get("reason") or ""),
            until=datetime.fromisoformat(until) if until else None,
        )
