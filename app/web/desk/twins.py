"""Which of several hazards may repeat another: nobody should accept the same spot twice in one stroke."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.edge.entrance import actor, runtime
from app.hazards.lifecycle import State
from app.hazards.lookalikes import Lookalike, lookalikes_of
from app.hazards.views import HazardLine
from app.web.pages.alike import Alike
from app.web.present_alike import cards_of_alike

SHOWN_EACH: Final = 2
"""Look-alikes beside one line; the ticket has them all."""


def twins_of(lines: Sequence[HazardLine]) -> Mapping[str, tuple[Alike, ...]]:
    """By number, what each hazard that waits for acceptance may repeat: reported before it, or accepted already.

    Of several that look alike only the later ones have twins: the first reporter's stands (domain.md §4).
    """
    means, who = runtime(), actor()
    waiting = [line for line in lines if line.state is State.SUBMITTED]
    with means.db.read() as session:
        found = {line.number: lookalikes_of(session, line.number, by=who, at=means.now()) for line in waiting}
    earlier = {line.number: [one for one in found[line.number] if _comes_first(one, line)] for line in waiting}
    return {number: cards_of_alike(those[:SHOWN_EACH]) for number, those in earlier.items() if those}


def _comes_first(other: Lookalike, line: HazardLine) -> bool:
    waits = other.line.state in {State.SUBMITTED, State.NEED_INFO}
    told, since = (other.line.submitted_at, other.line.number), (line.submitted_at, line.number)
    return not waits or told < since
