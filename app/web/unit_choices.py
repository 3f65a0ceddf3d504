"""Units to choose among, as a select shows them."""

from collections.abc import Sequence

from app.units.queries import Unit
from app.web.pages import Choice


def indented(units: Sequence[Unit], *, chosen: str) -> tuple[Choice, ...]:
    """The units, parents before children, indented by their depth below the highest; `chosen` is a code."""
    top = min((len(unit.lineage) for unit in units), default=0)
    return tuple(
        Choice(value=unit.code, label="　" * (len(unit.lineage) - top) + unit.name, chosen=unit.code == chosen)
        for unit in units
    )
