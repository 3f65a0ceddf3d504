"""The pages of papers and register."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from markupsafe import Markup

from app.web.pages.frame import Choice, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One hazard on the form of a notice, or to choose from."""

    number: str
    title: str
    where: str
    unit: str
    deadline: str
    rectifier: str
    is_major: bool
    basis: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Reworded:
    """One hazard's inputs on the form of a notice; `where` is None where the place has a name of its own."""

    line: DraftLine
    is_open: bool  # a long notice has inputs only where something must be reworded
    problem: str
    measures: str
    where: str | None


@dataclass(frozen=True, kw_only=True)
class ChoosePage:
    """Which hazards a notice is to be about."""

    frame: Frame
    lines: tuple[DraftLine, ...]
    action: str
    back_href: str
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NoticeFormPage:
    """The form of a notice."""

    frame: Frame
    unit: str
    lines: tuple[Reworded, ...]
    action: str
    back_href: str
    draft_id: str
    requirement: str
    requirement_limit: int
    reinspection_on: str
    earliest: str
    inspector_1: str
    inspector_2: str
    text_limit: int
    problem_limit: int
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpinionFormPage:
    """The form of a re-inspection opinion; what it will say comes from the hazards."""

    frame: Frame
    notice: str
    fixed: int
    not_fixed: int
    others: int
    action: str
    back_href: str
    draft_id: str
    inspector_1: str
    inspector_2: str
    text_limit: int
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PaperPage:
    """One paper: the very sheet that is printed, and what can be done with it."""

    frame: Frame
    number: str
    kind: LazyString
    sheet: Markup
    back_href: str
    pdf_status: str
    pdf_href: str
    pdf_size: str
    sha256: str
    fault: str
    again_href: str
    opinion_href: str  # empty: not for this person, or no notice
    related: tuple[tuple[str, str], ...]  # number and address


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """One paper in a list."""

    number: str
    href: str
    kind: LazyString
    unit: str
    when: str
    hazards: int
    pdf: LazyString
    is_failed: bool


@dataclass(frozen=True, kw_only=True)
class PapersPage:
    """The list of papers."""

    frame: Frame
    rows: tuple[PaperRow, ...]
    new_href: str  # empty: this person issues none
    more_href: str


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """One line of the register as the page shows it; the file has more."""

    number: str
    href: str
    state: str
    contested: str  # what waits for an answer against its end
    level: str
    category: str
    unit: str
    place: str
    problem: str
    reporter: str
    submitted: str
    rectifier: str
    deadline: str
    is_overdue: bool
    closed: str


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """One file that was asked for; `href` is empty unless it can be fetched."""

    name: str
    asked: str
    rows: int | None
    size: str
    status: str
    fault: str
    href: str


@dataclass(frozen=True, kw_only=True)
class RegisterPage:
    """台账."""

    frame: Frame
    rows: tuple[RegisterRow, ...]
    total: int
    has_reporter: bool
    states: tuple[Choice, ...]
    units: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    from_month: str
    to_month: str
    is_narrowed: bool
    clear_href: str
    export_action: str
    filters: Mapping[str, str]
    exports: tuple[ExportRow, ...]
    pictured_rows: int
    more_href: str
    faults: tuple[FieldFault, ...] = ()
