"""What is read of hazards: lines for lists, the whole view for a ticket; cut to what the reader may see."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.hazards.documents import DualReportView
from app.hazards.lifecycle import Action, State
from app.hazards.policy import ClosedMove, View
from app.hazards.words import Category, Factor, FoundBy, Level, ReportedTo, Stage
from app.units.queries import Place, Unit


@dataclass(frozen=True)
class WitnessView:
    """One witness of one photo, WGS-84."""

    source: str
    lat: float
    lon: float
    accuracy_m: float | None
    datum: str
    at: datetime | None


@dataclass(frozen=True)
class PhotoView:
    """One photo; without `witnesses`, times and grade for those who see the public part only."""

    n: int
    stage: Stage
    sha256: str
    bytes: int
    status: str
    cause: str | None
    width: int | None
    height: int | None
    received_at: datetime
    captured_at: datetime | None = None
    objection: bool = False  # taken by the reporter after the closure: not repaired
    grade: str | None = None
    grade_because: tuple[dict[str, Any], ...] = ()
    witnesses: tuple[WitnessView, ...] = ()


@dataclass(frozen=True)
class StepView:
    """One step of the history; `who` is empty where the reader may not know, `version` the hazard's after it."""

    version: int
    action: str
    at: datetime
    who: str | None
    from_state: State | None
    to_state: State
    detail: dict[str, Any]


@dataclass(frozen=True)
class RoutingView:
    """The routing in force: where, to whom, why."""

    unit: Unit
    officer_id: int | None
    officer: str | None
    because: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class HazardLine:
    """One hazard in a list; `photo_n` is its first photo that has pictures."""

    number: str
    state: State
    version: int
    level: Level | None
    category: Category | None
    description: str | None
    place: str | None
    location_text: str | None
    unit: Unit
    rectifier: str | None
    is_mine: bool
    anonymous: bool
    submitted_at: datetime
    arrived_at: datetime
    deadline: datetime | None
    is_overdue: bool
    closed_at: datetime | None
    photo_n: int | None
    extension_deadline: datetime | None = None  # asked for, and not decided yet
    is_contested: bool = False  # its end is: an appeal or an objection waits for an answer


@dataclass(frozen=True)
class MasterEnd:
    """How the hazard ended into which this one was merged: its reporters wait for that one's end."""

    state: State
    at: datetime
    says: str | None


@dataclass(frozen=True)
class HazardView:
    """One hazard as one person sees it."""

    view: View
    number: str
    state: State
    version: int
    level: Level | None
    category: Category | None
    factor: Factor | None
    description: str | None
    place: Place | None
    location_text: str | None
    unit: Unit
    found_by: FoundBy
    anonymous: bool
    guest: bool
    is_mine: bool
    submitted_at: datetime
    is_overdue: bool
    open_actions: tuple[Action, ...]
    photos: tuple[PhotoView, ...]
    routing: RoutingView | None = None
    reporter: str | None = None
    rectifier: str | None = None
    measures: str | None = None
    funds: str | None = None
    emergency_plan: str | None = None
    interim_control: str | None = None
    deadline: datetime | None = None
    first_deadline: datetime | None = None
    extension_deadline: datetime | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    closed_at: datetime | None = None
    done: str | None = None
    cost_fen: int | None = None
    conclusion: str | None = None
    fixed_on_the_spot: bool = False
    times_returned: int = 0
    reject_reason: str | None = None
    master: str | None = None
    master_end: MasterEnd | None = None
    duplicates: tuple[str, ...] = ()
    is_contested: bool = False
    first_act_until: datetime | None = None  # None once an officer has acted
    appeal_until: datetime | None = None
    object_until: datetime | None = None
    supervised_at: datetime | None = None
    dual_reports: tuple[ReportedTo, ...] = ()
    dual_report_papers: tuple[DualReportView, ...] = ()
    closed_moves: tuple[ClosedMove, ...] = ()
    timeline: tuple[StepView, ...] = ()
    signals: tuple[dict[str, Any], ...] = field(default=())
