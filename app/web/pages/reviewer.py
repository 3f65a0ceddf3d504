"""The reviewer's pages: the monthly statement and the hazards behind a figure."""

from dataclasses import dataclass

from app.web.pages.frame import Choice, Frame
from app.web.pages.pieces import HazardCard


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a statement and what it counts; `code` is a key of words.FIGURES."""

    code: str
    value: str  # 36 / 38
    href: str = ""  # empty: nothing lies behind it
    in_force: bool = True


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block A to G of a statement."""

    letter: str
    points: str  # 16.61, +1.00, −1.00; G: empty
    maximum: str = ""
    share: int | None = None  # whole per cent of the maximum, for the meter
    figures: tuple[Figure, ...] = ()
    bad: bool = False


@dataclass(frozen=True, kw_only=True)
class RankRow:
    """One unit in the ranking."""

    rank: str
    unit: str
    href: str
    headcount: str
    valid: str
    on_time: str
    score: str
    moved: int | None = None  # places gained since last month; None: not known
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """A unit's month, explained down to the photos."""

    frame: Frame
    month: str  # 2026 年 10 月
    unit: str
    score: str
    verdict: str  # outstanding, pass, below, veto
    status: str = ""  # 实时计算，截至 11-22 09:30
    standing: str = ""  # 大型组（>300 人）第 4 / 11，上月第 7
    basis: tuple[str, ...] = ()  # 规则第 3 版, 612 人, 有效隐患 41 条
    blocks: tuple[Block, ...] = ()
    vetoes: tuple[str, ...] = ()
    band: str = ""
    ranking: tuple[RankRow, ...] = ()
    previous_href: str = ""
    next_href: str = ""
    units: tuple[Choice, ...] = ()  # the units whose statements the reader may open
    units_href: str = ""  # where the choice is sent, as `unit`


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A hazard behind a figure; `counted` says whether it stands in the numerator, `why` in one sentence."""

    card: HazardCard
    counted: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class FigurePage:
    """The hazards behind one figure, and how the points follow from it."""

    frame: Frame
    code: str
    month: str
    unit: str
    value: str
    meaning: str  # what is counted, one sentence
    formula: str = ""
    rows: tuple[FigureRow, ...] = ()  # of this page; those that count come first
    counted_total: int = 0
    others_total: int = 0
    next_href: str = ""  # further hazards
    has_denominator: bool = True
    statement_href: str = ""
