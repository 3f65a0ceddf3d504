"""A full disk and a failing one at each call of a submission: 503, 507 or a true 201; then as if nothing was."""

from collections import Counter
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import select

from app.hazards.models import HazardRow
from tests.crash.conftest import TAKEN, Answer, Child, Report, Scene, assert_once, assert_sound, finish, sequence
from tests.crash.test_submission_killed import counted
from tests.crash.tracing import CALLS, traced
from tests.photos import photo

SAMPLED = {"pwrite64": 3}
"""Of calls that are many, each so-manieth; of all others, every one."""
ALL_WRITING = ("write", "pwrite64", "ftruncate", "mkdir", "rename", "fsync", "fdatasync")
REFUSALS = {503, 507}
SEEDS = count(1000)


@dataclass(frozen=True)
class Faced:
    """One report against faults, and the same again without."""

    report: Report
    struck: bool
    first: Answer | None
    again: Answer


def kept(scene: Scene, report: Report) -> list[str]:
    """The numbers of the report's hazards, as another process sees them at this moment."""
    with scene.looking() as house, house.means.db.read() as session:
        found = select(HazardRow.number).where(HazardRow.client_id == report.client_id)
        return list(session.execute(found).scalars())


def faced(scene: Scene, child: Child, *faults: str) -> Faced:
    """Send a report against these faults, then again without; each answer is true at its moment."""
    # Each with bytes of its own: those that are there already take a shorter way.
    report = scene.report(picture=photo(size=(96, 72), seed=next(SEEDS), exif=TAKEN))
    with traced(child.pid, scene.log, inject=faults, calls=[fault.partition(":")[0] for fault in faults]) as trace:
        first = child.send(report)
    numbers, told = kept(scene, report), f"{faults}: {first}"
    if first is not None:
        assert first.status in {201, *REFUSALS}, told
        assert numbers == ([first.told["number"]] if first.status == 201 else []), told
    if first is not None and first.status in REFUSALS:
        assert int(first.headers["Retry-After"]) > 0, told
    again = child.send(report)
    assert again is not None, told
    assert again.status == (200 if numbers else 201), (told, again)
    assert numbers in ([], [again.told["number"]]), told
    return Faced(report, trace.was_injected, first, again)


def whole_afterwards(scene: Scene, child: Child, all_faced: list[Faced]) -> None:
    """Every report is one hazard, the numbers have no gap, and nothing half is left."""
    with scene.looking() as house:
        finish(house)
        numbers = [sequence(assert_once(house, one.report)) for one in all_faced]
        assert numbers == list(range(child.last + 1, child.last + 1 + len(all_faced)))
        assert_sound(house)


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_one_call_that_fails_costs_at_most_a_retry(scene, fault):
    calls = counted(scene)
    scene.put_back()
    child = scene.server(checkpoint_always=True)
    blows = [(name, n) for name in CALLS for n in range(1, calls[name] + 1, SAMPLED.get(name, 1))]
    all_faced = [faced(scene, child, f"{name}:error={fault}:when={n}") for name, n in blows]
    told = Counter(one.first.status if one.first else None for one in all_faced if one.struck)
    assert told.keys() & REFUSALS
    whole_afterwards(scene, child, all_faced)


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_disk_that_stays_broken_refuses_everything_and_takes_all_once_it_is_well(scene, fault):
    calls = counted(scene)
    scene.put_back()
    child = scene.server(checkpoint_always=True)
    blows = [(name, n) for name in ALL_WRITING for n in sorted({1, calls[name] // 2, calls[name]} - {0})]
    all_faced = [faced(scene, child, f"{name}:error={fault}:when={n}+") for name, n in blows]
    everything = faced(scene, child, *(f"{name}:error={fault}" for name in ALL_WRITING))
    assert everything.first is not None
    assert everything.first.status == (507 if fault == "ENOSPC" else 503)
    whole_afterwards(scene, child, [*all_faced, everything])
