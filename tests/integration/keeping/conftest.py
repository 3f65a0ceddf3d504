"""One house in which everything has happened, made once and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.keeping.backup import back_up
from tests.conftest import KINDS, START, House, _house_in
from tests.databases import forget
from tests.integration.keeping.world import lived_in
from workers.decoder import Decoder


@pytest.fixture(scope="session")
def lived_folder(tmp_path_factory: pytest.TempPathFactory, furnished: Path, decoder: Decoder) -> Path:
    folder = shutil.copytree(furnished, tmp_path_factory.mktemp("lived") / "data")
    house = lived_in(_house_in(folder, decoder))
    house.means.db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, lived_folder: Path, decoder: Decoder) -> Path:
    """A backup of that house; to be read, or copied and spoilt."""
    house = _house_in(shutil.copytree(lived_folder, tmp_path_factory.mktemp("saving") / "data"), decoder)
    target = tmp_path_factory.mktemp("saved") / "backup.tar"
    back_up(target, means=house.means)
    house.means.db.engine.dispose()
    return target


@pytest.fixture
def lived(tmp_path: Path, lived_folder: Path, decoder: Decoder) -> Iterator[House]:
    """The product with every table filled, two hours after nine on that Monday; one photo still waits."""
    made = _house_in(shutil.copytree(lived_folder, tmp_path / "lived"), decoder)
    made.clock.at = START
    made.clock.forward(hours=2)
    yield made
    made.means.db.engine.dispose()


@pytest.fixture(params=KINDS)
def either_house(
    request: pytest.FixtureRequest, tmp_path: Path, furnish: Callable[[str], Path], decoder: Decoder
) -> Iterator[House]:
    """The product with its cast on each kind of database in turn."""
    folder = shutil.copytree(furnish(request.param), tmp_path / "data")
    made = _house_in(folder, decoder)
    yield made
    made.means.db.engine.dispose()
    forget(folder)
