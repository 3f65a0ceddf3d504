"""`verify`: all checks, counted, with the first bad row of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.keeping.checks import CHECKS, Check
from app.keeping.finding import Finding
from app.runtime import Runtime

TOLD_MOST: Final = 20
"""Findings of one check that are told one by one; all are counted."""


@dataclass
class Report:
    """What one check found."""

    check: Check
    seen: int = 0
    faults: int = 0
    told: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, finding: Finding | None) -> None:
        """Count one thing that was looked at."""
        self.seen += 1
        if finding is None:
            return
        kept = self.told if finding.is_fault else self.notes
        self.faults += finding.is_fault
        if len(kept) < TOLD_MOST:
            kept.append(finding.told)

    @property
    def summary(self) -> str:
        """The check's line."""
        if self.faults:
            return f"{self.check.name}: {self.faults} wrong of {self.seen} {self.check.counts}"
        return f"{self.check.name}: {self.seen} {self.check.counts}, all as they must be"


def verify(means: Runtime, *, checks: Sequence[Check] = CHECKS) -> Iterator[Report]:
    """Run every check, also after one has failed; each report comes when its check is done.

    Raises:
        StoreError, Unavailable: the store or the database does not answer; that is no finding.
    """
    for check in checks:
        report = Report(check)
        for finding in check.look(means):
            report.add(finding)
        yield report


def told_of(report: Report) -> Iterator[str]:
    """The lines of one check for a person: its first bad row, its summary, then what else was found."""
    yield from (f"{report.check.name}: {line}" for line in report.told[:1])
    yield report.summary
    yield from (f"  {line}" for line in report.told[1:])
    if report.faults > TOLD_MOST:
        yield f"  … and {report.faults - TOLD_MOST} more of {report.check.name}"
    yield from (f"  note: {line}" for line in report.notes)
