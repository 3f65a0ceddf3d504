"""What `verify` looks at: each check walks its rows and says of every one whether it is as it must be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.keeping.checks_ledger import check_ledger
from app.keeping.checks_life import check_histories, check_numbers
from app.keeping.checks_objects import check_objects
from app.keeping.checks_references import check_references
from app.keeping.finding import Finding
from app.runtime import Runtime


@dataclass(frozen=True)
class Check:
    """A named check; `look` yields None for each thing that is as it must be, else what was found."""

    name: str
    counts: str
    look: Callable[[Runtime], Iterator[Finding | None]]


CHECKS: Final = (
    Check("objects", "objects", check_objects),
    Check("numbers", "numbers", check_numbers),
    Check("histories", "hazards", check_histories),
    Check("ledger", "entries", check_ledger),
    Check("references", "foreign keys", check_references),
)
"""In this order. A check of frozen months, or of a chain of hashes, is one more line here."""
