"""The shape of an event: what happened, in the past tense, as values that survive JSON."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

KINDS: dict[str, type["Event"]] = {}
"""Every event class by its name; filled as capabilities are imported."""


@dataclass(frozen=True)
class Event:
    """The root; a subclass names itself in the past tense and carries ids only."""

    name: ClassVar[str] = "Event"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = cls.__name__
        KINDS[cls.__name__] = cls

    def as_values(self) -> dict[str, Any]:
        """The fields, JSON-able."""
        return asdict(self)

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """The inverse of `as_values`."""
        return cls(**values)
