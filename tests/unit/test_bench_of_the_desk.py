"""The desk's benchmark says no when an aim is missed: a figure that nobody must look at guards nothing."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.benchmarks import desk
from tests.benchmarks.desk import AIM, APART, APART_BOUND, Spent, main, report

NAMES = ("1,000", "1,000,000")


@pytest.mark.parametrize(("ratio", "bound", "kept"), [(1.3, AIM, True), (1.31, AIM, False), (7.9, 8.0, True)])
def test_a_ratio_over_its_bound_is_not_kept_and_said_so(capsys, ratio, bound, kept):
    assert report("x", Spent(1.0, 2.0), Spent(ratio, 9.0), NAMES, bound=bound) is kept
    out = capsys.readouterr().out
    assert "wall" in out
    assert ("OVER" in out) is not kept


@pytest.mark.parametrize(
    ("common", "apart", "code"), [(1.0, APART_BOUND, 0), (1.0, APART_BOUND + 1, 1), (AIM + 0.1, 1.0, 1)]
)
def test_the_benchmark_ends_as_its_worst_ratio(monkeypatch, common, apart, code):
    @contextmanager
    def house_of(hazards):
        yield SimpleNamespace(hazards=hazards)

    def asked(_house, _login, what=None, *_more):
        return apart if what == APART else common

    for name in ("page", "counts", "waiting", "search"):
        monkeypatch.setattr(desk, name, asked)
    monkeypatch.setattr(desk, "house_of", house_of)
    monkeypatch.setattr(desk, "deepest_mark", lambda *_told: None)
    monkeypatch.setattr(desk, "_number", lambda *_told: "HZ-2026-000001")
    monkeypatch.setattr(desk, "middle", lambda _one, other: [Spent(1.0, 1.0), Spent(other, other)])
    assert main("sqlite") == code
