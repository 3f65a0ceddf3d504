"""What a check has to say of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A sentence that names the row; one that `is_fault` makes `verify` fail, another is only told."""

    told: str
    is_fault: bool = True
