"""A store that stumbles for a moment costs no night: it is asked again, and only then given up."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import BinaryIO

import pytest

from app import keeping_cli
from app.keeping.backup import back_up
from app.keeping.checks import CHECKS
from app.keeping.checks_objects import check_objects
from app.keeping.verify import Report, verify
from storage.object_store import ObjectDamaged, ObjectMissing, StoreUnavailable
from tests.conftest import House

AT_ONCE = (0.0, 0.0)


def stumbling(house: House, monkeypatch: pytest.MonkeyPatch, fault: Exception, *, times: int) -> Counter[str]:
    """Have the store refuse each object so many times; returns how often each was asked for."""
    asked: Counter[str] = Counter()
    real: Callable[[str], BinaryIO] = house.means.store.open

    def refuse(key: str) -> BinaryIO:
        asked[key] += 1
        if asked[key] <= times:
            raise fault
        return real(key)

    monkeypatch.setattr(house.means.store, "open", refuse)
    return asked


def test_a_backup_asks_a_store_that_stumbles_again(house, tmp_path, monkeypatch):
    house.report("lixia")
    asked = stumbling(house, monkeypatch, StoreUnavailable("a moment"), times=2)
    made = back_up(tmp_path / "b.tar", means=house.means, pauses=AT_ONCE)
    assert made.losses == ()
    assert set(asked.values()) == {3}


def test_verify_asks_a_store_that_stumbles_again(house, monkeypatch):
    house.report("lixia")
    asked = stumbling(house, monkeypatch, StoreUnavailable("a moment"), times=2)
    patient = replace(CHECKS[0], look=partial(check_objects, pauses=AT_ONCE))
    (report,) = verify(house.means, checks=[patient])
    assert (report.faults, set(asked.values())) == (0, {3})


def test_a_store_that_is_away_for_longer_is_not_taken_for_a_loss(house, tmp_path, monkeypatch):
    house.report("lixia")
    stumbling(house, monkeypatch, StoreUnavailable("away"), times=3)
    with pytest.raises(StoreUnavailable):
        back_up(tmp_path / "b.tar", means=house.means, pauses=AT_ONCE)
    assert list(tmp_path.glob("b.tar*")) == []


@pytest.mark.parametrize("fault", [ObjectMissing(), ObjectDamaged("digest")], ids=["missing", "altered"])
def test_what_is_lost_is_not_asked_for_again(house, tmp_path, monkeypatch, fault):
    house.report("lixia")
    asked = stumbling(house, monkeypatch, fault, times=2)
    made = back_up(tmp_path / "b.tar", means=house.means, pauses=AT_ONCE)
    assert made.losses
    assert set(asked.values()) == {1}


def test_what_a_check_found_is_told_before_the_next_one_ends(house, monkeypatch):
    def until_the_store_is_away(_means: object):
        yield Report(CHECKS[0], seen=7, faults=1, told=["HZ-2026-000001 photo 1 (original): altered"])
        raise StoreUnavailable("away")

    monkeypatch.setattr(keeping_cli, "verify_all", until_the_store_is_away)
    ran = house.app.test_cli_runner().invoke(args=["verify"])
    assert ran.exit_code == 1
    assert ran.output.splitlines()[:2] == [
        "objects: HZ-2026-000001 photo 1 (original): altered",
        "objects: 1 wrong of 7 objects",
    ]
